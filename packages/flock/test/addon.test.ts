import { describeBinding } from "./binding-contract.ts";

describeBinding("addon");
