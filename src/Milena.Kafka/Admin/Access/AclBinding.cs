using Milena.Kafka.Protocol;

namespace Milena.Kafka;

/// <summary>A rule: who may, or may not, do what to which resource.</summary>
/// <param name="Resource">The kind of resource.</param>
/// <param name="Name">Its name; <c>*</c> for all of its kind, <c>kafka-cluster</c> for the cluster.</param>
/// <param name="Principal">Who, such as <c>User:alice</c>; <c>User:*</c> for everyone.</param>
/// <param name="Operation">What.</param>
/// <param name="Permission">Whether it is allowed or denied; a denial wins.</param>
/// <param name="Pattern"><see cref="PatternType.Literal"/>, or <see cref="PatternType.Prefixed"/> where the name is the beginning of many.</param>
/// <param name="Host">From which address; <c>*</c> for any.</param>
public sealed record AclBinding(
    ResourceType Resource,
    string Name,
    string Principal,
    AclOperation Operation,
    AclPermissionType Permission = AclPermissionType.Allow,
    PatternType Pattern = PatternType.Literal,
    string Host = "*");
