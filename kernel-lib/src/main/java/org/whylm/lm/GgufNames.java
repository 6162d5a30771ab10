package org.whylm.lm;

import java.util.Map;
import java.util.regex.Pattern;

/**
 * Names of a network's tensors in a GGUF file: {@code layers.3.mlp.up_proj.weight} is {@code blk.3.ffn_up.weight}.
 *
 * @param names of what has the tensors, in a block or outside
 */
record GgufNames(Map<String, String> names) {

    private static final Pattern NAME = Pattern.compile("(?:\\w+\\.(\\d+)\\.)?(.+)\\.(weight|bias)");

    String of(String name) {
        var parts = NAME.matcher(name);
        if (!parts.matches() || !names.containsKey(parts.group(2))) {
            throw new IllegalStateException("GGUF has no name for '" + name + "'");
        }
        var block = parts.group(1) == null ? "" : "blk." + parts.group(1) + ".";
        return block + names.get(parts.group(2)) + "." + parts.group(3);
    }
}
