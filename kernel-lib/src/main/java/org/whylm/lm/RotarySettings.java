package org.whylm.lm;

import java.util.Optional;

/**
 * What {@code config.json} says of rotary positions: {@code rope_parameters} as transformers 5 writes them, or the
 * {@code rope_theta} and {@code rope_scaling} of files published before.
 */
final class RotarySettings {

    static final double BASE = 10_000;

    private RotarySettings() {}

    /** The one kind of positions of a model whose heads turn as a whole. */
    static Rotary of(Settings json, int width) {
        return of(json, parameters(json), width, json.base("rope_theta", BASE));
    }

    /** Where there are both, transformers takes the older. */
    static Optional<Settings> parameters(Settings json) {
        var scaling = json.object("rope_scaling").filter(each -> !each.keys().isEmpty());
        var parameters = json.object("rope_parameters");
        return scaling.or(() -> parameters);
    }

    /**
     * Of heads that turn as a whole.
     *
     * @param rope what is said of them beside the rest
     * @param base if nothing else is said
     */
    static Rotary of(Settings json, Optional<Settings> rope, int width, double base) {
        rope.ifPresent(each -> each.number("partial_rotary_factor", 1, 1, 1));
        return ofFirst(json, rope, width, base);
    }

    /**
     * @param rope what is said of them beside the rest
     * @param width components of a head that turn
     * @param base if nothing else is said
     */
    static Rotary ofFirst(Settings json, Optional<Settings> rope, int width, double base) {
        if (rope.isEmpty()) {
            return Rotary.of(width, base);
        }
        var settings = rope.get();
        double own = settings.base("rope_theta", base);
        var type = settings.string("rope_type", settings.string("type", "default"));
        var rotary =
                switch (type) {
                    case "default" -> Rotary.of(width, own);
                    case "llama3" -> llama3(json, settings, width, own);
                    default ->
                        throw settings.unsupported(
                                "'rope_type' is \"" + type + "\", only default and llama3 are supported");
                };
        settings.passOver("partial_rotary_factor", "original_max_position_embeddings");
        settings.refuseOthers();
        return rotary;
    }

    private static Rotary llama3(Settings json, Settings settings, int width, double base) {
        double low = settings.number("low_freq_factor", 1e-6, 1e6),
                high = settings.number("high_freq_factor", 1e-6, 1e6);
        if (high <= low) {
            throw settings.unsupported("'high_freq_factor' " + high + " is not above 'low_freq_factor' " + low);
        }
        int original = settings.size("original_max_position_embeddings", json.size("max_position_embeddings"));
        return Rotary.of(width, base).stretched(settings.number("factor", 1, 1e6), low, high, original);
    }
}
