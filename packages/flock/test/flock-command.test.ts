import { describeBinding } from "./binding-contract.ts";

describeBinding("flock-command");
