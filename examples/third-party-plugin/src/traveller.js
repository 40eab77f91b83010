import { distance, locate } from 'acme:geo/places@0.1.0';

export const visitor = {
  visit(start, goal) {
    try {
      const length = distance(locate(start), locate(goal));
      return `${start} to ${goal}: ${Math.round(length)}`;
    } catch (error) {
      // What the plugin throws as a WitError arrives as its payload.
      return `nobody knows ${error.payload.val}`;
    }
  },
};
