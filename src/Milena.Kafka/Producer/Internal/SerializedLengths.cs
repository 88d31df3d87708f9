namespace Milena.Kafka.Producer.Internal;

/// <summary>How many bytes of the scratch are the key and, behind it, the value; -1 for null.</summary>
internal readonly record struct SerializedLengths(int Key, int Value);
