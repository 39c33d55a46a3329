import { describeBinding } from "./binding-contract.ts";

describeBinding("fs-ext");
