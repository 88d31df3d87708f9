using System.Buffers;
using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Consumer.Internal;
using Milena.Kafka.ExactlyOnce.Internal;
using Milena.Kafka.Network.Internal;
using Milena.Kafka.Producer.Internal;

namespace Milena.Kafka;

/// <summary>The root of all work with one cluster: makes producers, consumers and admin clients, which share its metadata. Make one and keep it.</summary>
/// <remarks>Safe for use by many threads. Connections are opened when they are first needed; the constructor does no I/O.</remarks>
public sealed class KafkaClient : IAsyncDisposable
{
    private readonly KafkaCluster _cluster;
    private readonly Lazy<Producer<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?>> _forwarder;

    /// <summary>Makes a client with default options.</summary>
    /// <param name="bootstrapServers">Brokers to ask first, as <c>host:port</c>, comma between.</param>
    /// <exception cref="ArgumentException">The list is empty or not of that form.</exception>
    public KafkaClient(string bootstrapServers) : this(new KafkaClientOptions { BootstrapServers = bootstrapServers })
    {
    }

    /// <summary>Makes a client.</summary>
    /// <param name="options">The options; they are copied.</param>
    /// <exception cref="ArgumentException">The options contradict themselves; the message names all faults.</exception>
    public KafkaClient(KafkaClientOptions options) : this(options, new TcpConnector())
    {
    }

    /// <summary>Makes a client that reaches brokers by a transport of the caller's.</summary>
    /// <param name="options">The options; they are copied.</param>
    /// <param name="transport">Opens the byte streams.</param>
    /// <exception cref="ArgumentException">The options contradict themselves; the message names all faults.</exception>
    public KafkaClient(KafkaClientOptions options, ITransportConnector transport)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(transport);
        options.Validate();
        _cluster = new KafkaCluster(options.Clone(), transport);
        _forwarder = new(() => CreateProducer<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?>());
    }

    /// <summary>Makes an admin client.</summary>
    public AdminClient CreateAdmin() => new(_cluster);

    /// <summary>Makes a consumer. It is given partitions by <see cref="Consumer{TKey, TValue}.Assign(IEnumerable{PartitionStart})"/>, and connects when it is first enumerated.</summary>
    /// <param name="options">The options, which are copied; null for the defaults.</param>
    /// <param name="keyDeserializer">Reads keys; null for <see cref="Serde.Default{T}"/>.</param>
    /// <param name="valueDeserializer">Reads values; null for <see cref="Serde.Default{T}"/>.</param>
    /// <typeparam name="TKey">The type of the keys; <see cref="Ignore"/> skips them.</typeparam>
    /// <typeparam name="TValue">The type of the values.</typeparam>
    /// <param name="interceptors">What sees each record before it is handed out, and each commit, in this order; null for none.</param>
    /// <exception cref="ArgumentException">The options contradict themselves; the message names all faults. Or an interceptor is null.</exception>
    /// <exception cref="NotSupportedException">A type needs a deserializer to be named.</exception>
    /// <remarks>Either deserializer may be an <see cref="IAsyncDeserializer{T}"/>. Dead letters and retries go by one idempotent producer of this client, which is made when the first is sent.</remarks>
    public Consumer<TKey, TValue> CreateConsumer<TKey, TValue>(
        ConsumerOptions? options = null,
        IDeserializer<TKey>? keyDeserializer = null,
        IDeserializer<TValue>? valueDeserializer = null,
        IEnumerable<IConsumerInterceptor<TKey, TValue>>? interceptors = null)
    {
        ConsumerOptions copy = options?.Clone() ?? new ConsumerOptions();
        copy.Validate();
        IConsumerInterceptor<TKey, TValue>[] chain = interceptors is null ? [] : [.. interceptors];
        if (Array.IndexOf(chain, null) >= 0)
        {
            throw new ArgumentException("One of the interceptors is null.", nameof(interceptors));
        }

        return new Consumer<TKey, TValue>(_cluster, copy, keyDeserializer ?? Serde.Default<TKey>(), valueDeserializer ?? Serde.Default<TValue>(), chain, ForwardAsync);
    }

    /// <summary>Makes a producer. It has connections of its own; dispose it before the client.</summary>
    /// <typeparam name="TKey">The type of the keys.</typeparam>
    /// <typeparam name="TValue">The type of the values.</typeparam>
    /// <param name="options">The options, which are copied; null for the defaults.</param>
    /// <param name="keySerializer">Turns keys into bytes; null for <see cref="Serde.Default{T}"/>.</param>
    /// <param name="valueSerializer">Turns values into bytes; null for <see cref="Serde.Default{T}"/>. Either may be an <see cref="IAsyncSerializer{T}"/>.</param>
    /// <param name="interceptors">What sees each record before it is serialized, and its end, in this order; null for none.</param>
    /// <exception cref="ArgumentException">The options contradict themselves; the message names all faults. Or an interceptor is null.</exception>
    /// <exception cref="NotSupportedException">A type has no serializer of its own, and the program was built without reflection for JSON.</exception>
    public Producer<TKey, TValue> CreateProducer<TKey, TValue>(
        ProducerOptions? options = null,
        ISerializer<TKey>? keySerializer = null,
        ISerializer<TValue>? valueSerializer = null,
        IEnumerable<IProducerInterceptor<TKey, TValue>>? interceptors = null) =>
        CreateProducer(options, keySerializer, valueSerializer, interceptors, pool: null);

    /// <summary>Makes a loop that turns records into records, exactly once. It connects when it is run.</summary>
    /// <param name="options">The options, which are copied.</param>
    /// <param name="keyDeserializer">Reads keys; null for <see cref="Serde.Default{T}"/>.</param>
    /// <param name="valueDeserializer">Reads values; null for <see cref="Serde.Default{T}"/>.</param>
    /// <param name="keySerializer">Turns keys into bytes; null for <see cref="Serde.Default{T}"/>.</param>
    /// <param name="valueSerializer">Turns values into bytes; null for <see cref="Serde.Default{T}"/>.</param>
    /// <typeparam name="TKey">The type of the keys that are read; <see cref="Ignore"/> skips them.</typeparam>
    /// <typeparam name="TValue">The type of the values that are read.</typeparam>
    /// <typeparam name="TOutKey">The type of the keys that are written.</typeparam>
    /// <typeparam name="TOutValue">The type of the values that are written.</typeparam>
    /// <exception cref="ArgumentException">The options contradict themselves; the message names all faults.</exception>
    /// <exception cref="NotSupportedException">A type needs a serializer or deserializer to be named.</exception>
    public ExactlyOnceLoop<TKey, TValue, TOutKey, TOutValue> CreateExactlyOnceLoop<TKey, TValue, TOutKey, TOutValue>(
        ExactlyOnceOptions options,
        IDeserializer<TKey>? keyDeserializer = null,
        IDeserializer<TValue>? valueDeserializer = null,
        ISerializer<TOutKey>? keySerializer = null,
        ISerializer<TOutValue>? valueSerializer = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ExactlyOnceOptions own = options.Clone();
        own.Validate();
        own.Output.Validate(_cluster.Options.Codecs);
        IDeserializer<TKey> keys = keyDeserializer ?? Serde.Default<TKey>();
        IDeserializer<TValue> values = valueDeserializer ?? Serde.Default<TValue>();
        ISerializer<TOutKey> outKeys = keySerializer ?? Serde.Default<TOutKey>();
        ISerializer<TOutValue> outValues = valueSerializer ?? Serde.Default<TOutValue>();
        return new(own, _cluster, input => CreateConsumer(input, keys, values), output => CreateProducer(output, outKeys, outValues));
    }

    /// <summary>Closes the connections. Producers and consumers of this client must be disposed before.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_forwarder.IsValueCreated)
        {
            await _forwarder.Value.DisposeAsync().ConfigureAwait(false);
        }

        await _cluster.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Stores a record that a consumer sends on. Consumers do not know producers.</summary>
    private async ValueTask ForwardAsync(ForwardedRecord record, CancellationToken cancellationToken) =>
        await _forwarder.Value.ProduceAsync(record.ToProduced(), cancellationToken).ConfigureAwait(false);

    internal Producer<TKey, TValue> CreateProducer<TKey, TValue>(
        ProducerOptions? options, ISerializer<TKey>? keySerializer, ISerializer<TValue>? valueSerializer, ArrayPool<byte>? pool) =>
        CreateProducer(options, keySerializer, valueSerializer, interceptors: null, pool);

    private Producer<TKey, TValue> CreateProducer<TKey, TValue>(
        ProducerOptions? options, ISerializer<TKey>? keySerializer, ISerializer<TValue>? valueSerializer, IEnumerable<IProducerInterceptor<TKey, TValue>>? interceptors, ArrayPool<byte>? pool)
    {
        ProducerOptions own = options?.Clone() ?? new ProducerOptions();
        own.Validate(_cluster.Options.Codecs);
        IProducerInterceptor<TKey, TValue>[] chain = interceptors is null ? [] : [.. interceptors];
        if (Array.IndexOf(chain, null) >= 0)
        {
            throw new ArgumentException("One of the interceptors is null.", nameof(interceptors));
        }

        return new Producer<TKey, TValue>(
            own, _cluster, keySerializer ?? Serde.Default<TKey>(), valueSerializer ?? Serde.Default<TValue>(), chain, pool ?? new BatchBufferPool(own.BatchSize, own.BufferMemory));
    }
}
