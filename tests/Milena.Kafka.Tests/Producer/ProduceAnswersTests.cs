using Milena.Kafka.Producer.Internal;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Tests.Producer;

public class ProduceAnswersTests
{
    private static readonly Guid IdOfB = new("00000000-0000-0000-0000-00000000000b");

    [Test]
    public void Answers_are_found_in_whatever_order_they_come([Values] bool isShuffled, [Values] bool byId)
    {
        var random = new Random(3);
        (string Topic, int Partition)[] asked = [("a", 0), ("a", 7), ("b", 2), ("b", 0), ("b", 5)];
        List<ProduceResponse.TopicProduceResponse> topics = [.. asked.GroupBy(p => p.Topic).Select(topic => new ProduceResponse.TopicProduceResponse
        {
            Name = byId && topic.Key == "b" ? "" : topic.Key,
            TopicId = byId && topic.Key == "b" ? IdOfB : Guid.Empty,
            PartitionResponses = [.. Order(topic.Select(p => p.Partition)).Select(p => new ProduceResponse.PartitionProduceResponse { Index = p, BaseOffset = (topic.Key[0] * 100) + p })],
        })];
        var answers = new ProduceAnswers(Request(), new ProduceResponse { Responses = [.. Order(topics)] });

        foreach ((string topic, int partition) in asked)
        {
            Assert.That(answers.Find(new TopicPartition(topic, partition))!.BaseOffset, Is.EqualTo((topic[0] * 100) + partition));
        }

        IEnumerable<T> Order<T>(IEnumerable<T> items) => isShuffled ? items.OrderBy(_ => random.Next()) : items;
    }

    [Test]
    public void What_is_left_out_has_no_answer_and_what_was_not_asked_for_disturbs_nothing()
    {
        var answers = new ProduceAnswers(Request(), new ProduceResponse
        {
            Responses =
            [
                new() { Name = "", TopicId = Guid.NewGuid(), PartitionResponses = [new() { Index = 0 }] },
                new() { Name = "a", PartitionResponses = [] },
                new() { Name = "b", PartitionResponses = [new() { Index = 0, BaseOffset = 12 }] },
            ],
        });

        Assert.That(answers.Find(new TopicPartition("a", 0)), Is.Null);
        Assert.That(answers.Find(new TopicPartition("b", 0))!.BaseOffset, Is.EqualTo(12));
        Assert.That(answers.Find(new TopicPartition("b", 1)), Is.Null);
    }

    private static ProduceRequest Request() => new() { TopicData = [new() { Name = "a" }, new() { Name = "b", TopicId = IdOfB }] };
}
