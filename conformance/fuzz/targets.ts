// The list of targets. Nothing is fuzzed that is not here, and inventory.ts demands that every decoder is.
import { conversationTargets } from "./conversation-target.ts";
import { frameTarget, viewTarget } from "./frame-targets.ts";
import {
  acceptMimeTypesTarget,
  authenticationTarget,
  compositeTarget,
  mimeTypeTarget,
  routingTarget,
  tracingTarget,
} from "./metadata-targets.ts";
import { lengthPrefixTarget, linesTarget, messageFramesTarget, reassemblyTarget } from "./source-targets.ts";
import { streamsTarget } from "./streams-target.ts";
import type { Target } from "./target.ts";
import { exactJsonTarget, frameJsonTarget, hexTarget, metadataJsonTarget, utf8Target } from "./text-targets.ts";

/** Every target, in the order of reports. */
export function allTargets(): Target[] {
  return [
    frameTarget(),
    viewTarget(),
    compositeTarget(),
    routingTarget(),
    authenticationTarget(),
    tracingTarget(),
    mimeTypeTarget(),
    acceptMimeTypesTarget(),
    utf8Target(),
    lengthPrefixTarget(),
    messageFramesTarget(),
    reassemblyTarget(),
    hexTarget(),
    linesTarget(),
    exactJsonTarget(),
    frameJsonTarget(),
    metadataJsonTarget(),
    streamsTarget(),
    ...conversationTargets(),
  ];
}
