namespace Milena.Kafka.Network.Internal;

/// <summary>The versions of an API that a broker speaks.</summary>
/// <param name="Lowest">The lowest one.</param>
/// <param name="Highest">The highest one.</param>
internal readonly record struct VersionRange(short Lowest, short Highest)
{
    /// <summary>The form of error messages.</summary>
    public override string ToString() => Lowest == Highest ? $"{Lowest}" : $"{Lowest} to {Highest}";
}
