using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Producer.Internal;

/// <summary>Finds the answer for each partition of a request, topics by name or by the id that the request gave. Brokers mostly answer in the order of the request; where one does not, an index is made.</summary>
internal sealed class ProduceAnswers
{
    private readonly ProduceRequest _request;
    private readonly ProduceResponse _response;
    private Dictionary<TopicPartition, ProduceResponse.PartitionProduceResponse>? _byPartition;
    private int _topic;
    private int _partition = -1;

    public ProduceAnswers(ProduceRequest request, ProduceResponse response)
    {
        _request = request;
        _response = response;
    }

    /// <summary>The answer for a partition, asked for in the order of the request; null if there is none.</summary>
    public ProduceResponse.PartitionProduceResponse? Find(TopicPartition partition)
    {
        return _byPartition is null && NextInOrder() is { } next && next.Index == partition.Partition && NameOf(_response.Responses[_topic]) == partition.Topic
            ? next
            : (_byPartition ??= Index()).GetValueOrDefault(partition);
    }

    private ProduceResponse.PartitionProduceResponse? NextInOrder()
    {
        _partition++;
        while (_topic < _response.Responses.Count)
        {
            List<ProduceResponse.PartitionProduceResponse> partitions = _response.Responses[_topic].PartitionResponses;
            if (_partition < partitions.Count)
            {
                return partitions[_partition];
            }

            _topic++;
            _partition = 0;
        }

        return null;
    }

    private Dictionary<TopicPartition, ProduceResponse.PartitionProduceResponse> Index()
    {
        var answers = new Dictionary<TopicPartition, ProduceResponse.PartitionProduceResponse>();
        foreach (ProduceResponse.TopicProduceResponse topic in _response.Responses)
        {
            if (NameOf(topic) is not { } name)
            {
                continue;
            }

            foreach (ProduceResponse.PartitionProduceResponse partition in topic.PartitionResponses)
            {
                answers[new TopicPartition(name, partition.Index)] = partition;
            }
        }

        return answers;
    }

    private string? NameOf(ProduceResponse.TopicProduceResponse topic)
    {
        if (topic.Name is { Length: > 0 } name)
        {
            return name;
        }

        foreach (ProduceRequest.TopicProduceData asked in _request.TopicData)
        {
            if (asked.TopicId == topic.TopicId)
            {
                return asked.Name;
            }
        }

        return null;
    }
}
