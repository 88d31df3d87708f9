using Milena.Kafka.Admin.Internal;
using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka;

/// <content>Topics, their partitions and the deletion of records.</content>
public sealed partial class AdminClient
{
    /// <summary>Creates a topic and waits until the controller has it.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="cancellationToken">Ends the waiting; the topic may be created all the same.</param>
    /// <returns>The topic with its id, its partitions and its settings.</returns>
    /// <exception cref="KafkaException">The topic exists (<c>TOPIC_ALREADY_EXISTS</c>), or cannot be as asked.</exception>
    /// <exception cref="UnsupportedVersionException">Defaults are asked for of brokers before 2.4.</exception>
    /// <remarks>If an answer is lost the request is sent again, and then tells <c>TOPIC_ALREADY_EXISTS</c> of the topic that the first one has created, as Java's client does.</remarks>
    public async Task<CreatedTopic> CreateTopicAsync(NewTopic topic, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(topic);
        return (await CreateTopicsAsync([topic], null, cancellationToken).ConfigureAwait(false))[topic.Name];
    }

    /// <summary>Creates topics. Each has an answer of its own.</summary>
    /// <param name="topics">The topics; every name once.</param>
    /// <param name="options">How the call is carried out, and whether it only validates.</param>
    /// <param name="cancellationToken">Ends the waiting; topics may be created all the same.</param>
    /// <exception cref="ArgumentException">A name stands twice.</exception>
    /// <inheritdoc cref="CreateTopicAsync" path="/remarks"/>
    public Task<AdminResults<string, CreatedTopic>> CreateTopicsAsync(
        IEnumerable<NewTopic> topics, AdminChangeOptions? options = null, CancellationToken cancellationToken = default)
    {
        var operation = new CreateTopicsOperation(topics, options?.ValidateOnly ?? false, BrokerLimitOf(options), RetriesOnQuota(options));
        return AskAsync(operation, operation.Names, options, cancellationToken);
    }

    /// <summary>Deletes a topic with all its records.</summary>
    /// <param name="topic">The topic's name.</param>
    /// <param name="cancellationToken">Ends the waiting; the topic may be deleted all the same.</param>
    /// <exception cref="KafkaException">The topic does not exist, or the cluster forbids it.</exception>
    public async Task DeleteTopicAsync(string topic, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(topic);
        (await DeleteTopicsAsync([topic], null, cancellationToken).ConfigureAwait(false)).ThrowIfAnyFailed();
    }

    /// <summary>Deletes topics with all their records. Each has an answer of its own.</summary>
    /// <param name="topics">The topics' names.</param>
    /// <param name="options">How the call is carried out.</param>
    /// <param name="cancellationToken">Ends the waiting; topics may be deleted all the same.</param>
    public Task<AdminOutcome<string>> DeleteTopicsAsync(IEnumerable<string> topics, AdminOptions? options = null, CancellationToken cancellationToken = default) =>
        ChangeAsync(new DeleteTopicsOperation(BrokerLimitOf(options), RetriesOnQuota(options)), topics, options, cancellationToken);

    /// <summary>Deletes topics with all their records, by id (KIP-516). Needs brokers from 2.8.</summary>
    /// <param name="topicIds">The topics' ids.</param>
    /// <param name="options">How the call is carried out.</param>
    /// <param name="cancellationToken">Ends the waiting; topics may be deleted all the same.</param>
    public Task<AdminOutcome<Guid>> DeleteTopicsAsync(IEnumerable<Guid> topicIds, AdminOptions? options = null, CancellationToken cancellationToken = default) =>
        ChangeAsync(new DeleteTopicsByIdOperation(BrokerLimitOf(options), RetriesOnQuota(options)), topicIds, options, cancellationToken);

    /// <summary>Lists the topics that this principal may see, by name.</summary>
    /// <param name="options">How the call is carried out, and whether internal topics count.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="KafkaException">No broker has answered.</exception>
    public async Task<IReadOnlyList<TopicListing>> ListTopicsAsync(ListTopicsOptions? options = null, CancellationToken cancellationToken = default)
    {
        IReadOnlyList<TopicListing> all = await AskAsync(new AllTopicsOperation(), Route.Any, options, cancellationToken).ConfigureAwait(false);
        return options is { IncludeInternal: true } ? all : [.. all.Where(topic => !topic.IsInternal)];
    }

    /// <summary>Describes topics by name: partitions, leaders, replicas.</summary>
    /// <param name="topics">The topics' names.</param>
    /// <param name="options">How the call is carried out, and what is asked for.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <remarks>
    /// Brokers from 3.8 tell eligible leader replicas and answer page by page (DescribeTopicPartitions, KIP-966); older ones are asked with Metadata. Either way
    /// nothing is created. A topic that was made this moment may be unknown to the broker that is asked.
    /// </remarks>
    public async Task<AdminResults<string, TopicDescription>> DescribeTopicsAsync(
        IEnumerable<string> topics, DescribeTopicsOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new DescribeTopicsOptions();
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.PartitionsPerPage);
        string[] names = [.. topics];
        if (names.Length == 0)
        {
            // To ask for no topic means to ask for all.
            return AdminResults<string, TopicDescription>.From(new Dictionary<string, Answer<TopicDescription>>());
        }

        try
        {
            return AdminResults<string, TopicDescription>.From(await DescribePagesAsync(names, options, cancellationToken).ConfigureAwait(false));
        }
        catch (UnsupportedVersionException)
        {
            var operation = new DescribeTopicsOperation<string>(name => new MetadataRequest.MetadataRequestTopic { Name = name }, options.IncludeAuthorizedOperations);
            return await AskAsync(operation, names, options, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Describes topics by id. Needs brokers from 3.1.</summary>
    /// <param name="topicIds">The topics' ids.</param>
    /// <param name="options">How the call is carried out, and what is asked for.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public Task<AdminResults<Guid, TopicDescription>> DescribeTopicsAsync(
        IEnumerable<Guid> topicIds, DescribeTopicsOptions? options = null, CancellationToken cancellationToken = default)
    {
        var operation = new DescribeTopicsOperation<Guid>(
            id => new MetadataRequest.MetadataRequestTopic { TopicId = id, Name = null },
            options?.IncludeAuthorizedOperations ?? false);
        return AskAsync(operation, topicIds, options, cancellationToken);
    }

    /// <summary>Gives topics more partitions. Records that are there stay where they are, so that a key may from now on go to another partition than before.</summary>
    /// <param name="partitions">How many each topic is to have.</param>
    /// <param name="options">How the call is carried out, and whether it only validates.</param>
    /// <param name="cancellationToken">Ends the waiting; partitions may be added all the same.</param>
    public Task<AdminOutcome<string>> CreatePartitionsAsync(
        IReadOnlyDictionary<string, NewPartitions> partitions, AdminChangeOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(partitions);
        return ChangeAsync(new CreatePartitionsOperation(partitions, options?.ValidateOnly ?? false, BrokerLimitOf(options), RetriesOnQuota(options)), partitions.Keys, options, cancellationToken);
    }

    /// <summary>Deletes the oldest records of partitions.</summary>
    /// <param name="before">The first offset of each partition that stays; -1 deletes all that is there.</param>
    /// <param name="options">How the call is carried out.</param>
    /// <param name="cancellationToken">Ends the waiting; records may be deleted all the same.</param>
    /// <returns>The first offset that each partition has now.</returns>
    public Task<AdminResults<TopicPartition, long>> DeleteRecordsAsync(
        IReadOnlyDictionary<TopicPartition, long> before, AdminOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(before);
        return AskAsync(new DeleteRecordsOperation(before, BrokerLimitOf(options)), before.Keys, options, cancellationToken);
    }

    private static bool RetriesOnQuota(AdminOptions? options) => options?.RetryOnQuotaViolation ?? true;

    private async Task<IReadOnlyDictionary<string, Answer<TopicDescription>>> DescribePagesAsync(
        IEnumerable<string> names, DescribeTopicsOptions options, CancellationToken cancellationToken)
    {
        var pages = new TopicPages(names, options.IncludeAuthorizedOperations);
        TimeSpan limit = LimitOf(options);
        long started = _cluster.Options.TimeProvider.GetTimestamp();
        DescribeTopicPartitionsResponse page;
        do
        {
            var remaining = new AdminOptions { Timeout = limit - _cluster.Options.TimeProvider.GetElapsedTime(started) };
            if (remaining.Timeout <= TimeSpan.Zero)
            {
                throw new OperationTimeoutException(Protocol.ErrorCode.None, $"Describing topics did not come to its end within {limit.TotalSeconds:0.#} s; more pages are to come.");
            }

            page = await AskAsync(new TopicPageOperation(pages.Open, pages.Next, options.PartitionsPerPage), Route.Any, remaining, cancellationToken).ConfigureAwait(false);
        }
        while (pages.Add(page));

        return pages.Answers;
    }
}
