using Milena.Kafka.Protocol;
using Milena.Kafka.Testing.Configs;
using Milena.Kafka.Testing.State;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>What both ways of changing settings have in common: what a broker looks at before anything is changed.</summary>
internal static class ConfigAlteration
{
    /// <summary>Why nothing of a resource is changed; null if nothing speaks against it so far.</summary>
    /// <param name="key">The resource.</param>
    /// <param name="edits">Its changes.</param>
    /// <param name="times">How often the request names the resource.</param>
    /// <param name="context">The request.</param>
    public static Refusal? Before(ConfigKey key, IReadOnlyCollection<ConfigEdit> edits, int times, RequestContext context)
    {
        if (times > 1)
        {
            return new Refusal(ErrorCode.InvalidRequest, "Each resource must appear at most once.");
        }

        if (!Enum.IsDefined(key.Type) || key.Type == ConfigResourceType.Unknown)
        {
            return new Refusal(ErrorCode.InvalidRequest, $"Unknown resource type {(sbyte)key.Type}");
        }

        if (ConfigRights.Refusal(key, AclOperation.AlterConfigs, context) is { } denied)
        {
            return denied;
        }

        if (edits.DistinctBy(edit => edit.Name).Count() < edits.Count)
        {
            return new Refusal(ErrorCode.InvalidRequest, "Error due to duplicate config keys");
        }

        string[] withoutValue = [.. edits.Where(edit => edit is { Value: null, Operation: not AlterConfigOp.Delete }).Select(edit => edit.Name)];
        return withoutValue.Length > 0
            ? new Refusal(ErrorCode.InvalidRequest, $"Null value not supported for : {string.Join(", ", withoutValue)}")
            : edits.Any(edit => !Enum.IsDefined(edit.Operation))
                ? new Refusal(ErrorCode.InvalidRequest, "Unknown operation type.")
                : ConfigRights.ForeignBroker(key, context);
    }
}
