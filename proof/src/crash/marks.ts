/** The processes mark their operation by reading links that are not there: a call they make nowhere else. */
export const beginMark = "flockwork-proof-begins";
export const endMark = "flockwork-proof-ends";
