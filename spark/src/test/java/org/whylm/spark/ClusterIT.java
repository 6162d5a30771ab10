package org.whylm.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A standalone cluster on the loopback interface, its master, its two workers and each driver processes of their own. */
class ClusterIT {

    private static final String PROMPT = " This movie is";
    private static final Path PROJECT =
            Path.of(System.getProperty("whylm.home")).toAbsolutePath();
    private static final String LAUNCHER = PROJECT.resolve("whylm-spark").toString();

    @TempDir
    private Path folder;

    private final List<Process> processes = new ArrayList<>();
    private String master;

    @BeforeEach
    void startCluster() throws Exception {
        int port;
        try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        master = "spark://127.0.0.1:" + port;
        start("master", LAUNCHER, "master", "--host", "127.0.0.1", "--port", "" + port, "--webui-port", "0");
        await("the master", 60, () -> listens(port));
        for (int worker = 0; worker < 2; worker++) {
            var work = folder.resolve("work-" + worker).toString();
            start(
                    "worker-" + worker,
                    (LAUNCHER + " worker --host 127.0.0.1 --cores 1 --memory 2g --webui-port 0 --work-dir " + work + " "
                                    + master)
                            .split(" "));
        }
    }

    @AfterEach
    void stopCluster() throws Exception {
        for (var process : processes) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly().waitFor(30, TimeUnit.SECONDS);
        }
    }

    @Test
    void aWorkerKilledHalfWayAndADriverKilledLeaveTheFilesOfOneMachine() throws Exception {
        var texts = Stores.texts(6_000);
        var expected = Stores.local(folder.resolve("local"), Stores.TINY.toString(), texts, PROMPT);
        int shards = expected.size() / 2; // with and without the prompt
        var store = folder.resolve("store");
        var csv = Stores.csv(folder.resolve("texts.csv"), texts);

        var first = driver("first", store, csv, Stores.TINY.toString());
        await("the first shard", 240, () -> committed(store) >= 1 || !first.isAlive());
        first.destroyForcibly().waitFor(30, TimeUnit.SECONDS);
        int before = committed(store);
        assertTrue(before >= 1 && before < shards / 2, before + " of " + shards + " shards: " + log("first"));

        var second = driver("second", store, csv, Stores.TINY.toString());
        await("a further shard", 240, () -> committed(store) > before || !second.isAlive());
        var worker = processes.get(1);
        worker.descendants().forEach(ProcessHandle::destroyForcibly);
        worker.destroyForcibly();
        int half = committed(store);
        assertTrue(half > before && half < shards, half + " of " + shards + " shards: " + log("second"));
        assertTrue(second.waitFor(300, TimeUnit.SECONDS), "the job ends");
        assertEquals(0, second.exitValue(), log("second"));
        assertEquals(expected, Stores.content(store));
        var outcome = Pattern.compile("6,000 texts, 1 models: (\\d+) shards computed .*, (\\d+) committed before")
                .matcher(log("second"));
        assertTrue(outcome.find(), log("second"));
        assertEquals(shards, Integer.parseInt(outcome.group(1)) + Integer.parseInt(outcome.group(2)));
        assertTrue(Integer.parseInt(outcome.group(2)) >= before, log("second"));
    }

    @Test
    void smolLmGivesTheBitsOfOneMachine() throws Exception {
        var model = PROJECT.resolve("datasets/downloads/models/SmolLM2-135M-Instruct.Q4_1.gguf");
        Assumptions.assumeTrue(Files.exists(model), "make fetch brings the model");
        var texts = Stores.texts(500);
        var expected = Stores.local(folder.resolve("local"), model.toString(), texts, PROMPT);
        var store = folder.resolve("store");
        var driver = driver("smollm2", store, Stores.csv(folder.resolve("texts.csv"), texts), model.toString());
        assertTrue(driver.waitFor(600, TimeUnit.SECONDS), "the job ends");
        assertEquals(0, driver.exitValue(), log("smollm2"));
        assertEquals(expected, Stores.content(store));
    }

    private Process driver(String name, Path store, Path csv, String model) throws IOException {
        var options = "--master " + master + " --conf spark.driver.host=127.0.0.1"
                + " --conf spark.driver.bindAddress=127.0.0.1 --conf spark.ui.enabled=false"
                + " --conf spark.speculation=true --conf spark.speculation.quantile=0.1"
                + " --executor-memory 1g --executor-cores 1";
        var command = new ArrayList<>(List.of(LAUNCHER));
        command.addAll(List.of(options.split(" ")));
        command.addAll(List.of(
                "extract",
                "--model",
                model,
                "--data",
                csv.toString(),
                "--prompt",
                PROMPT,
                "--store",
                store.toUri().toString()));
        return start(name, command.toArray(String[]::new));
    }

    private Process start(String name, String... command) throws IOException {
        var builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve(name + ".log").toFile());
        builder.environment().remove("SPARK_HOME");
        builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
        var process = builder.start();
        processes.add(process);
        return process;
    }

    private String log(String name) throws IOException {
        return Files.readString(folder.resolve(name + ".log"));
    }

    private static int committed(Path store) {
        try {
            return Files.isDirectory(store) ? Stores.all(store, "shard-*").size() : 0;
        } catch (IOException | java.io.UncheckedIOException e) {
            return 0; // a file of the walk was renamed meanwhile
        }
    }

    private static boolean listens(int port) {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    private static void await(String what, int seconds, BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < end, what + " within " + seconds + " s");
            Thread.sleep(50);
        }
    }
}
