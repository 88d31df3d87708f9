namespace Milena.Kafka;

/// <summary>The headers of records that were sent to a dead-letter or retry topic. All values are UTF-8 text; numbers are decimal.</summary>
/// <remarks>They are named after those of Kafka Connect and Kafka Streams (KIP-298, KIP-1034). A record that moves on from a retry topic keeps those of its origin.</remarks>
public static class FailureHeaders
{
    /// <summary>The topic from which the record was read first.</summary>
    public const string Topic = "__milena.errors.topic";

    /// <summary>Its partition there.</summary>
    public const string Partition = "__milena.errors.partition";

    /// <summary>Its offset there.</summary>
    public const string Offset = "__milena.errors.offset";

    /// <summary>Its time there, in milliseconds since 1970.</summary>
    public const string Timestamp = "__milena.errors.timestamp";

    /// <summary>The group whose member sent it on; absent without a group.</summary>
    public const string Group = "__milena.errors.group";

    /// <summary>The part that could not be read, <c>key</c> or <c>value</c>; absent if a handler failed.</summary>
    public const string Part = "__milena.errors.part";

    /// <summary>The full type name of the last exception.</summary>
    public const string ExceptionType = "__milena.errors.exception.class.name";

    /// <summary>The message of the last exception.</summary>
    public const string ExceptionMessage = "__milena.errors.exception.message";

    /// <summary>How often the record has been sent to a retry topic.</summary>
    public const string Attempt = "__milena.retry.attempt";

    /// <summary>Not before this time, in milliseconds since 1970, is the record processed again.</summary>
    public const string Due = "__milena.retry.due";
}
