using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Admin.Internal;

/// <summary>Lists the topics that this principal may see.</summary>
internal sealed class AllTopicsOperation : SingleOperation<MetadataRequest, MetadataResponse, IReadOnlyList<TopicListing>>
{
    public override Api Api => Apis.Metadata;

    public override string Describe(Route key) => "Listing the topics";

    // Version 0 knows no null; an empty list means all topics there.
    protected override MetadataRequest CreateRequest(short version) => new() { Topics = version == 0 ? [] : null, AllowAutoTopicCreation = true };

    protected override (ErrorCode Error, string? Detail) ErrorOf(MetadataResponse response) => (response.ErrorCode, null);

    protected override IReadOnlyList<TopicListing> Read(MetadataResponse response) =>
        [.. response.Topics.Where(topic => topic.Name is not null).Select(topic => new TopicListing(topic.Name!, topic.TopicId, topic.IsInternal)).OrderBy(topic => topic.Name, StringComparer.Ordinal)];
}
