using System.Diagnostics.CodeAnalysis;

namespace Milena.Kafka.Protocol.Records;

/// <summary>The attribute bits of a record batch, but for the codec.</summary>
[Flags]
[SuppressMessage("Design", "CA1028:Enum Storage should be Int32", Justification = "The width on the wire.")]
[SuppressMessage("Naming", "CA1711:Identifiers should not have incorrect suffix", Justification = "It is a set of flags; attributes mean something else in .NET.")]
public enum RecordBatchFlags : short
{
    /// <summary>A plain batch with create time.</summary>
    None = 0,

    /// <summary>The broker has set the time: every record's time is the batch's highest.</summary>
    LogAppendTime = 0x08,

    /// <summary>The batch belongs to a transaction (KIP-98).</summary>
    Transactional = 0x10,

    /// <summary>The batch holds a control record, which is never handed to a user.</summary>
    Control = 0x20,

    /// <summary>The base timestamp doubles as delete horizon; written by the log cleaner only (KIP-534).</summary>
    DeleteHorizon = 0x40,
}
