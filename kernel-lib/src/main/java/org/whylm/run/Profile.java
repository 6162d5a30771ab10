package org.whylm.run;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * How large a run is: the model, how many sentences, and the settings of each piece of code. The profiles are data, in
 * {@code notebooks/profiles.json}; one that is {@code like} another has of that what it does not say itself.
 *
 * @param name such as {@code quick} or {@code standard}; {@code name@model} with another model
 * @param model name of the language model in the model catalog
 * @param seed of every random draw
 * @param trainLimit training sentences a task, at most ({@link Integer#MAX_VALUE}: all)
 * @param testLimit test sentences a task, at most ({@link Integer#MAX_VALUE}: all)
 * @param trainingDraws training sets that are drawn from a training split for the variance of an accuracy
 * @param settings of each piece of code: see {@link #settings(Class)}
 */
public record Profile(
        String name, String model, long seed, int trainLimit, int testLimit, int trainingDraws, JsonObject settings) {

    /**
     * The settings of a piece of code, under the name of their record in lower case at its start, without the ending
     * {@code Settings}.
     *
     * @throws IllegalArgumentException if the profile lacks them, or a key is too many or too few
     */
    public <T extends Record> T settings(Class<T> type) {
        var record = type.getSimpleName().replaceFirst("Settings$", "");
        var key = Character.toLowerCase(record.charAt(0)) + record.substring(1);
        if (!settings.has(key)) {
            throw new IllegalArgumentException("The profile " + name + " has no settings " + key + " for "
                    + type.getSimpleName() + "; it has " + String.join(", ", settings.keySet()));
        }
        return RecordJson.read(settings.get(key), type, file() + ": " + name + ": " + key);
    }

    /**
     * The profile of this run: named by the system property or environment variable {@code PROFILE}, {@code quick} without
     * either.
     *
     * @throws IllegalArgumentException as {@link #load}
     */
    public static Profile current() {
        return load(Workspace.setting("PROFILE", "PROFILE").map(String::strip).orElse("quick"));
    }

    /** Names of the profiles, smallest first. */
    public static List<String> names() {
        return profiles().stream().map(Profile::name).toList();
    }

    private static List<Profile> profiles() {
        var written = StrictJson.read(file());
        if (written instanceof JsonArray list) {
            list.forEach(profile -> complete(profile, list));
        }
        return RecordJson.readList(written, Profile.class, file().toString());
    }

    private static void complete(JsonElement profile, JsonArray all) {
        if (!(profile instanceof JsonObject keys) || !keys.has("like")) {
            return;
        }
        var other = keys.remove("like");
        for (var candidate : all) {
            if (candidate == profile) {
                break;
            }
            if (candidate instanceof JsonObject model && other.equals(model.get("name"))) {
                model.asMap().forEach((key, value) -> keys.asMap().putIfAbsent(key, value));
                return;
            }
        }
        throw new IllegalArgumentException(
                file() + ": the profile " + keys.get("name") + " is like " + other + ", which no profile before it is");
    }

    private static Path file() {
        return Workspace.current().root().resolve("notebooks").resolve("profiles.json");
    }

    /**
     * A profile by its name; {@code name@model} is that profile with another model of the catalog, its results apart.
     *
     * @throws IllegalArgumentException if there is none of that name, or the file has a key too many or too few
     */
    public static Profile load(String name) {
        var profiles = profiles();
        var parts = name.split("@", 2);
        var names = profiles.stream().map(Profile::name).toList();
        if (!names.contains(parts[0])) {
            throw new IllegalArgumentException(
                    "There is no profile " + parts[0] + " in " + file() + ": it has " + String.join(", ", names));
        }
        var found = profiles.get(names.indexOf(parts[0]));
        return parts.length == 1 ? found : found.with(name, parts[1]);
    }

    /** A limit for a reader. */
    public static String shown(int limit) {
        return limit == Integer.MAX_VALUE ? "all" : String.format(Locale.ROOT, "%,d", limit);
    }

    private Profile with(String name, String model) {
        if (!model.matches("[A-Za-z0-9][A-Za-z0-9._-]*")) {
            throw new IllegalArgumentException("The profile " + name
                    + ": behind @ stands a model of datasets/models.json, which '" + model + "' is not");
        }
        return new Profile(name, model, seed, trainLimit, testLimit, trainingDraws, settings);
    }
}
