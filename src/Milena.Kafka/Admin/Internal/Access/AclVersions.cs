using Milena.Kafka.Protocol;

namespace Milena.Kafka.Admin.Internal.Access;

/// <summary>What the versions of the APIs of rules can say. Version 0 knows whole names only.</summary>
internal static class AclVersions
{
    private const short FirstWithPatterns = 1;
    private const short FirstWithUsers = 3;

    public static short Lowest(ResourceType resource, PatternType pattern, bool isFilter) =>
        resource == ResourceType.User ? FirstWithUsers
        : pattern == PatternType.Literal || (isFilter && pattern == PatternType.Any) ? (short)0
        : FirstWithPatterns;

    /// <summary>The pattern of a filter as a version says it: any of those that there are.</summary>
    public static sbyte ToWire(PatternType pattern, short version) => (sbyte)(version < FirstWithPatterns && pattern == PatternType.Any ? PatternType.Literal : pattern);
}
