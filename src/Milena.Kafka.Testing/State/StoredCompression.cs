using System.Globalization;
using Milena.Kafka.Compression;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Records;
using Milena.Kafka.Testing.Configs;

namespace Milena.Kafka.Testing.State;

/// <summary>How a topic wants its batches compressed, whatever the producer chose (<c>compression.type</c>).</summary>
/// <param name="Type">The codec.</param>
/// <param name="Level">Its level; null for codecs without levels.</param>
internal sealed record StoredCompression(CompressionType Type, int? Level)
{
    /// <summary>Reads the settings of a topic.</summary>
    /// <returns>Null if producers choose.</returns>
    public static StoredCompression? Read(Func<string, string> valueOf) => valueOf(TopicSchema.CompressionType) switch
    {
        "uncompressed" => new StoredCompression(CompressionType.None, null),
        "gzip" => new StoredCompression(CompressionType.Gzip, LevelOf(TopicSchema.CompressionGzipLevel, valueOf)),
        "snappy" => new StoredCompression(CompressionType.Snappy, null),
        "lz4" => new StoredCompression(CompressionType.Lz4, LevelOf(TopicSchema.CompressionLz4Level, valueOf)),
        "zstd" => new StoredCompression(CompressionType.Zstd, LevelOf(TopicSchema.CompressionZstdLevel, valueOf)),
        _ => null,
    };

    /// <summary>A checked batch as it is stored. One that has the codec already stays as it is, as does one whose codec is not there.</summary>
    public RecordBatch Apply(in RecordBatch batch, CompressionCodecs codecs)
    {
        ICompressionCodec? target = null;
        if (batch.Compression == Type || !IsThere(batch.Compression, codecs, out _) || !IsThere(Type, codecs, out target))
        {
            return batch;
        }

        BatchCompression? compression = target is null ? null : new BatchCompression(Type, target, Level);
        return new RecordBatches(RecordBatchRecompression.Recompress(batch, compression, new RecordReadOptions { CheckCrc = false, Codecs = codecs })).First();
    }

    private static bool IsThere(CompressionType type, CompressionCodecs codecs, out ICompressionCodec? codec)
    {
        codec = null;
        return type == CompressionType.None || codecs.TryGet(type, out codec);
    }

    private static int LevelOf(string name, Func<string, string> valueOf) => int.Parse(valueOf(name), CultureInfo.InvariantCulture);
}
