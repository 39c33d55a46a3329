import { describeBinding } from "./binding-contract.ts";

describeBinding("koffi");
