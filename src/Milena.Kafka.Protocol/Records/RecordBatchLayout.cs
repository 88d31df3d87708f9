namespace Milena.Kafka.Protocol.Records;

/// <summary>Where the fields of a record batch stand. The first 17 bytes mean the same in all three formats, the CRC apart.</summary>
internal static class RecordBatchLayout
{
    public const int BaseOffset = 0;
    public const int Length = 8;
    public const int LeaderEpoch = 12;
    public const int Magic = 16;
    public const int Crc = 17;
    public const int Attributes = 21;
    public const int LastOffsetDelta = 23;
    public const int BaseTimestamp = 27;
    public const int MaxTimestamp = 35;
    public const int ProducerId = 43;
    public const int ProducerEpoch = 51;
    public const int BaseSequence = 53;
    public const int RecordCount = 57;
    public const int HeaderSize = 61;

    /// <summary>Offset and length, which the length does not count.</summary>
    public const int LogOverhead = 12;

    /// <summary>A record of magic 2 with neither key nor value: seven fields of one byte.</summary>
    public const int MinRecordSize = 7;

    public const byte CurrentMagic = 2;
    public const short CompressionMask = 0x07;
}
