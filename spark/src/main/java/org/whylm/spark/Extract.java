package org.whylm.spark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileUtil;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.whylm.data.TextDataset;
import org.whylm.run.IoFailure;
import org.whylm.run.Workspace;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code whylm-spark extract}: features of texts, computed on a cluster, stored where notebooks look for them. */
@Command(
        name = "whylm-spark",
        description =
                "Features of texts from language models, as an Apache Spark job; the store is that of the notebooks.",
        mixinStandardHelpOptions = true,
        version = "whylm-spark 0.1.0")
public final class Extract implements Callable<Integer> {

    @Parameters(index = "0", paramLabel = "extract", description = "What to do: extract.")
    private String action;

    @Option(
            names = {"--model", "--models"},
            required = true,
            arity = "1..*",
            paramLabel = "M",
            description =
                    "Models: names of datasets/models.json that were fetched, paths that all machines see, addresses"
                            + " (hdfs:, s3a:, file:), or a .txt file with one a line.")
    private List<String> models;

    @Option(
            names = "--data",
            required = true,
            arity = "1..*",
            paramLabel = "A.csv",
            description =
                    "Texts: rows label,text (.csv or .csv.gz), paths or addresses, or a .txt file with one a line.")
    private List<String> data;

    @Option(names = "--prompt", defaultValue = "", paramLabel = "P", description = "Follows each text.")
    private String prompt;

    @Option(
            names = "--prefixes",
            split = ",",
            paramLabel = "N",
            description =
                    "Read after the first N tokens of each text (several, separated by commas) instead of at its end.")
    private List<Integer> prefixes = List.of();

    @Option(
            names = "--store",
            paramLabel = "DIR|URI",
            description = "Folder of the features; that of the checkout if left out.")
    private String store;

    @Option(
            names = "--partitions",
            paramLabel = "N",
            defaultValue = "0",
            description = "Tasks; one a shard if left out.")
    private int partitions;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description =
                    "Threads of the tensor engine in an executor: spark.task.cpus, or, with a local master, all processors.")
    private Integer threads;

    @Spec
    private CommandSpec spec;

    public static void main(String[] arguments) {
        System.exit(command().execute(arguments));
    }

    /** The command line, as it is run. */
    static CommandLine command() {
        return new CommandLine(new Extract())
                .setExpandAtFiles(false)
                .setExecutionExceptionHandler((failure, command, parsed) -> {
                    command.getErr().println("whylm-spark: " + message(failure));
                    return 1;
                });
    }

    @Override
    public Integer call() {
        if (!action.equals("extract")) {
            throw new ParameterException(spec.commandLine(), "Unknown action '" + action + "': extract");
        }
        if (!prompt.isEmpty() && !prefixes.isEmpty()) {
            throw new ParameterException(
                    spec.commandLine(), "--prompt and --prefixes: a text that is cut has no prompt behind it");
        }
        if (partitions < 0 || threads != null && threads < 1) {
            throw new ParameterException(spec.commandLine(), "--partitions is 0 or more, --threads 1 or more");
        }
        var conf = new SparkConf().setIfMissing("spark.app.name", "whylm extract");
        settle(conf);
        int engineThreads = threads != null ? threads : engineThreads(conf);
        System.setProperty("ai.djl.pytorch.num_threads", Integer.toString(engineThreads));
        try (var spark = new JavaSparkContext(conf)) {
            var hadoop = spark.hadoopConfiguration();
            var texts = new ArrayList<String>();
            for (var file : listed(data, hadoop)) {
                texts.addAll(TextDataset.textsOf(local(file, hadoop)));
            }
            var sources = listed(models, hadoop).stream().map(ModelSource::of).toList();
            var target = store != null
                    ? store
                    : Workspace.current().featureStore().toUri().toString();
            var job = new ExtractionJob(spark, target, engineThreads, partitions);
            var outcome = job.run(sources, texts, new ExtractionJob.Reading(prompt, prefixes));
            spec.commandLine()
                    .getOut()
                    .printf(
                            Locale.ROOT,
                            "%,d texts, %d models: %d shards computed (%,d tokens), %d committed before; in %s%n",
                            texts.size(),
                            sources.size(),
                            outcome.computed(),
                            outcome.tokens(),
                            outcome.kept(),
                            target);
            spec.commandLine().getOut().flush();
        }
        return 0;
    }

    /** Tasks of a local master are tried again too, and one task has all processors of its executor. */
    private void settle(SparkConf conf) {
        var master = conf.get("spark.master", "");
        if (master.startsWith("local")) {
            conf.setMaster(
                    master.replaceFirst("^local$", "local[1]").replaceFirst("^local\\[([^,]+)]$", "local[$1,4]"));
        } else if (conf.contains("spark.executor.cores")) {
            conf.setIfMissing("spark.task.cpus", conf.get("spark.executor.cores"));
        } else if (!conf.contains("spark.task.cpus")) {
            spec.commandLine()
                    .getErr()
                    .println("whylm-spark: one processor an executor is used; more with --executor-cores N");
        }
    }

    /** With a local master tasks take turns at the engine, which may use all processors. */
    private static int engineThreads(SparkConf conf) {
        return conf.get("spark.master", "").startsWith("local") && !conf.contains("spark.task.cpus")
                ? Runtime.getRuntime().availableProcessors()
                : conf.getInt("spark.task.cpus", 1);
    }

    private static List<String> listed(List<String> names, Configuration hadoop) {
        Function<String, Stream<String>> lines = name -> {
            if (!name.endsWith(".txt")) {
                return Stream.of(name);
            }
            try {
                return Files.readAllLines(local(name, hadoop)).stream()
                        .map(String::strip)
                        .filter(line -> !line.isEmpty());
            } catch (IOException e) {
                throw new IoFailure("Cannot read the list " + name, e);
            }
        };
        return names.stream().flatMap(lines).toList();
    }

    /** A path of this machine, or a copy of what an address names. */
    private static Path local(String named, Configuration hadoop) {
        if (!named.matches("[a-z][a-z0-9+.-]+:/.*")) {
            return Path.of(named);
        }
        try {
            var source = new org.apache.hadoop.fs.Path(named);
            var folder = Files.createTempDirectory("whylm-data");
            folder.toFile().deleteOnExit();
            var copy = folder.resolve(source.getName());
            copy.toFile().deleteOnExit();
            FileUtil.copy(source.getFileSystem(hadoop), source, copy.toFile(), false, hadoop);
            return copy;
        } catch (IOException e) {
            throw new IoFailure("Cannot copy " + named + " to this machine", e);
        }
    }

    private static String message(Throwable failure) {
        var cause = failure;
        while (cause.getCause() != null
                && cause.getMessage() != null
                && cause instanceof org.apache.spark.SparkException) {
            cause = cause.getCause();
        }
        var text = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        return text.lines().findFirst().orElse("");
    }
}
