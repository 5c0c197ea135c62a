import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

/** The job "retract" in Kafka Streams: RocksDB with cache and changelog, one thread, at least once. */
public final class Retract {
    private static final int PAIR_BYTES = 16;
    private static final int ID_BYTES = 12;
    private static final String STORE = "plays";

    /** Times of the first and the last event, as benchmarks/jobs/meter.py writes them. */
    private static final class Meter {
        private final Path report;
        private final long total;
        private long left;
        private double first;
        private double cpu;

        Meter(Path report, long total) {
            this.report = report;
            this.total = total;
            this.left = total;
        }

        synchronized void count() throws IOException {
            if (left == total) {
                first = now();
                cpu = cpuSeconds();
            }
            left -= 1;
            if (left == 0) {
                Path part = report.resolveSibling("report.part");
                Files.writeString(part, "{\"first\": " + first + ", \"cpu\": " + cpu + ", \"last\": " + now() + "}");
                Files.move(part, report, StandardCopyOption.ATOMIC_MOVE);
            }
        }

        private static double now() {
            return System.nanoTime() / 1e9;
        }

        private static double cpuSeconds() {
            var system = (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
            return system.getProcessCpuTime() / 1e9;
        }
    }

    private static final class Plays implements Processor<byte[], byte[], Void, Void> {
        private final Meter meter;
        private KeyValueStore<byte[], byte[]> store;

        Plays(Meter meter) {
            this.meter = meter;
        }

        @Override
        public void init(ProcessorContext<Void, Void> context) {
            store = context.getStateStore(STORE);
        }

        @Override
        public void process(Record<byte[], byte[]> record) {
            ByteBuffer value = ByteBuffer.wrap(record.value());
            long version = value.getLong();
            long plays = value.getLong();
            byte[] countKey = join(record.key(), record.value(), PAIR_BYTES, ID_BYTES);
            byte[] key = join(countKey, record.value(), PAIR_BYTES + ID_BYTES, ID_BYTES);
            byte[] stored = store.get(key);
            long oldVersion = stored == null ? 0 : ByteBuffer.wrap(stored).getLong();
            long oldPlays = stored == null ? 0 : ByteBuffer.wrap(stored).getLong(Long.BYTES);
            if (version > oldVersion) {
                byte[] counted = store.get(countKey);
                long count = counted == null ? 0 : ByteBuffer.wrap(counted).getLong();
                store.put(countKey, pair(count + plays - oldPlays, 0));
                store.put(key, pair(version, plays));
            }
            try {
                meter.count();
            } catch (IOException error) {
                throw new IllegalStateException(error);
            }
        }

        private static byte[] join(byte[] start, byte[] source, int from, int length) {
            byte[] joined = Arrays.copyOf(start, start.length + length);
            System.arraycopy(source, from, joined, start.length, length);
            return joined;
        }

        private static byte[] pair(long first, long second) {
            return ByteBuffer.allocate(PAIR_BYTES).putLong(first).putLong(second).array();
        }
    }

    public static void main(String[] arguments) {
        Map<String, String> task = new HashMap<>();
        for (String argument : arguments) {
            String[] parts = argument.substring(2).split("=", 2);
            task.put(parts[0], parts[1]);
        }
        Properties options = new Properties();
        options.put("application.id", task.get("group"));
        options.put("bootstrap.servers", task.get("bootstrap"));
        options.put("state.dir", task.get("directory"));
        options.put("num.stream.threads", 1);
        options.put("commit.interval.ms", 1000);
        options.put("statestore.cache.max.bytes", 64L << 20);
        options.put("producer.linger.ms", 20);
        options.put("producer.compression.type", "lz4");
        options.put("consumer.auto.offset.reset", "earliest");
        String user = System.getenv("KAFKA_SASL_USERNAME");
        if (user != null) {
            options.put("security.protocol", "SASL_PLAINTEXT");
            options.put("sasl.mechanism", "PLAIN");
            options.put(
                "sasl.jaas.config",
                "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"" + user
                    + "\" password=\"" + System.getenv("KAFKA_SASL_PASSWORD") + "\";");
        }
        Meter meter = new Meter(Path.of(task.get("report")), Long.parseLong(task.get("events")));
        Topology topology = new Topology();
        var bytes = Serdes.ByteArray();
        topology.addSource("facts", bytes.deserializer(), bytes.deserializer(), task.get("topic"));
        topology.addProcessor(STORE, () -> new Plays(meter), "facts");
        var builder = Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(STORE), bytes, bytes);
        topology.addStateStore(builder.withCachingEnabled().withLoggingEnabled(Map.of()), STORE);
        KafkaStreams streams = new KafkaStreams(topology, options);
        Runtime.getRuntime().addShutdownHook(new Thread(streams::close));
        streams.start();
    }

    private Retract() {}
}
