package org.whylm.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What made a result: enough to make it again. It is written beside the result and not into it, so that the result itself
 * is the same from run to run.
 *
 * <pre>{@code
 * var provenance = Provenance.start(profile)
 *         .withModel(model.name(), model.sha256())
 *         .withDataset(data.name(), data.sha256());
 * table.write(provenance);
 * }</pre>
 *
 * @param profile name of the profile
 * @param seed of every random draw
 * @param models name of each language model to the SHA-256 of its file
 * @param datasets name of each data set to its SHA-256
 * @param warnings what a reader must know of the data, if anything
 * @param environment the software and the machine
 * @param started when the run began, UTC
 * @param seconds wall time from then until the result was written
 */
public record Provenance(
        String profile,
        long seed,
        Map<String, String> models,
        Map<String, String> datasets,
        Optional<List<String>> warnings,
        Environment environment,
        String started,
        double seconds)
        implements Described {

    /**
     * The software and the machine of a run.
     *
     * @param version of this library
     * @param commit of the checkout, with {@code -dirty} if files differ from it; {@code unknown} outside a checkout
     * @param engine tensor engine and its version
     * @param java version of the virtual machine
     * @param platform operating system and processor
     */
    public record Environment(String version, String commit, String engine, String java, String platform) {

        static Environment current() {
            var build = build();
            return new Environment(
                    build.getProperty("version"),
                    headOf(Workspace.current().root()),
                    engineOf(build),
                    Runtime.version().toString(),
                    System.getProperty("os.name") + " " + System.getProperty("os.arch") + ", " + processor());
        }
    }

    public Provenance {
        models = merged(models, Map.of());
        datasets = merged(datasets, Map.of());
    }

    /** The provenance of a run that starts now; models and data sets are added as they are loaded. */
    public static Provenance start(Profile profile) {
        var now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        return new Provenance(
                profile.name(),
                profile.seed(),
                Map.of(),
                Map.of(),
                Optional.empty(),
                Environment.current(),
                now.toString(),
                0);
    }

    /** The same run, which also uses this model. */
    public Provenance withModel(String name, String sha256) {
        return with(Map.of(name, sha256), Map.of(), List.of());
    }

    /** The same run, which also uses this data set. */
    public Provenance withDataset(String name, String sha256) {
        return with(Map.of(), Map.of(name, sha256), List.of());
    }

    /** The same run, which also uses all of these, and of which a reader must know the warnings. */
    public Provenance with(
            Map<String, String> moreModels, Map<String, String> moreDatasets, List<String> moreWarnings) {
        var all = Stream.concat(warnings.stream().flatMap(List::stream), moreWarnings.stream())
                .distinct()
                .toList();
        return new Provenance(
                profile,
                seed,
                merged(models, moreModels),
                merged(datasets, moreDatasets),
                Optional.of(all).filter(list -> !list.isEmpty()),
                environment,
                started,
                seconds);
    }

    /** Ending of the sidecars' names. */
    public static final String SIDECAR = ".provenance.json";

    /** The sidecar of a result file: {@code NAME.provenance.json} beside {@code NAME.csv}. */
    public static Path sidecar(Path result) {
        var name = result.getFileName().toString();
        var dot = name.lastIndexOf('.');
        return result.resolveSibling((dot < 0 ? name : name.substring(0, dot)) + SIDECAR);
    }

    /**
     * The provenance of a result file.
     *
     * @throws UncheckedIOException if it has none
     * @throws IllegalArgumentException if its sidecar is malformed
     */
    public static Provenance of(Path result) {
        return RecordJson.read(sidecar(result), Provenance.class);
    }

    /** Writes the sidecar of a result file, with the wall time until now. */
    public void write(Path result) {
        var elapsed = Duration.between(Instant.parse(started), Instant.now()).toMillis() / 1000.0;
        RecordJson.write(
                sidecar(result),
                new Provenance(profile, seed, models, datasets, warnings, environment, started, elapsed));
    }

    private static Map<String, String> merged(Map<String, String> some, Map<String, String> more) {
        var all = new TreeMap<>(some);
        all.putAll(more);
        return Collections.unmodifiableMap(all);
    }

    private static Properties build() {
        var properties = new Properties();
        try (var in = Provenance.class.getResourceAsStream("build.properties")) {
            properties.load(in);
        } catch (IOException e) {
            throw new IoFailure("Cannot read build.properties of the library", e);
        }
        return properties;
    }

    /** The engine of this build, or another that DJL was told to take: only then is it asked, as a table may need none. */
    private static String engineOf(Properties build) {
        if (System.getenv("PYTORCH_LIBRARY_PATH") == null) {
            return build.getProperty("engine");
        }
        return Engine.version() + " through DJL " + build.getProperty("djl");
    }

    static String headOf(Path root) {
        if (!Files.exists(root.resolve(".git"))) {
            return "unknown";
        }
        try {
            var describe = List.of(
                    "git", "-C", root.toString(), "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*");
            var process = new ProcessBuilder(describe)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            var commit = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            return process.waitFor() == 0 ? commit : "unknown";
        } catch (IOException e) {
            return "unknown";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "unknown";
        }
    }

    private static String processor() {
        var cores = Runtime.getRuntime().availableProcessors() + " cores";
        try (var lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith("model name"))
                    .findFirst()
                    .map(line -> line.substring(line.indexOf(':') + 1).strip() + ", " + cores)
                    .orElse(cores);
        } catch (IOException | UncheckedIOException e) {
            return cores;
        }
    }

    /** One line a fact, without times, so that it is the same from run to run. */
    @Override
    public String toString() {
        return Described.text(this);
    }

    /** What made the result, by name, without times. */
    @Override
    public Map<String, String> facts() {
        var facts = new LinkedHashMap<String, String>();
        facts.put("profile", profile);
        facts.put("seed", String.valueOf(seed));
        models.forEach((name, sha256) -> facts.put("model " + name, "SHA-256 " + sha256));
        datasets.forEach((name, sha256) -> facts.put("data " + name, "SHA-256 " + sha256));
        warnings.ifPresent(each -> facts.put("warning", String.join("; ", each)));
        facts.put("whylm", environment.version() + ", commit " + environment.commit());
        facts.put("engine", environment.engine());
        facts.put("Java", environment.java());
        facts.put("machine", environment.platform());
        return facts;
    }
}
