using Milena.Kafka.Consumer.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Tests.Consumer;

/// <summary>Incremental fetch sessions by themselves: what a broker would remember is always what was wanted last.</summary>
public class FetchSessionTests
{
    [Test]
    public void The_first_request_opens_a_session_and_names_everything_in_order()
    {
        FetchRequest request = Ask(new FetchSession(), ("b", 1, 5), ("a", 0, 7), ("b", 0, 9));

        Assert.That((request.SessionId, request.SessionEpoch), Is.EqualTo((0, 0)));
        Assert.That(Names(request), Is.EqualTo(new[] { "b-1@5", "a-0@7", "b-0@9" }));
    }

    [Test]
    public void Later_requests_name_what_is_new_and_what_is_gone()
    {
        FetchSession session = Open(out _, ("a", 0, 7), ("b", 0, 9), ("b", 1, 1));

        FetchRequest request = Ask(session, ("a", 0, 7), ("b", 1, 2), ("c", 0, 0));

        Assert.That((request.SessionId, request.SessionEpoch), Is.EqualTo((99, 1)));
        Assert.That(Names(request), Is.EqualTo(new[] { "b-1@2", "c-0@0" }));
        Assert.That(request.ForgottenTopicsData.Select(f => $"{f.Topic}-{string.Join('+', f.Partitions)}"), Is.EqualTo(new[] { "b-0" }));
    }

    [TestCase(ErrorCode.FetchSessionIdNotFound, 0)]
    [TestCase(ErrorCode.InvalidFetchSessionEpoch, 99)]
    [TestCase(ErrorCode.FetchSessionTopicIdError, 99)]
    public void A_session_that_ended_is_opened_anew_with_everything(ErrorCode error, int expectedId)
    {
        FetchSession session = Open(out _, ("a", 0, 7));
        Ask(session, ("a", 0, 7));

        Assert.That(session.Take(new FetchResponse { ErrorCode = error }), Is.False);

        FetchRequest request = Ask(session, ("a", 0, 7));
        Assert.That((request.SessionId, request.SessionEpoch), Is.EqualTo((expectedId, 0)));
        Assert.That(Names(request), Is.EqualTo(new[] { "a-0@7" }));
    }

    [Test]
    public void A_broker_without_sessions_gets_everything_each_time()
    {
        var session = new FetchSession();
        for (int i = 0; i < 3; i++)
        {
            FetchRequest request = Ask(session, ("a", 0, 7));
            Assert.That((request.SessionId, request.SessionEpoch, request.Topics.Count), Is.EqualTo((0, 0, 1)));
            Assert.That(session.Take(new FetchResponse()));
        }
    }

    [Test]
    public void Random_wishes_always_leave_the_broker_with_what_is_wanted()
    {
        var random = new Random(7);
        var session = new FetchSession();
        var broker = new Dictionary<(string, int), long>();
        int epoch = -1;
        for (int round = 0; round < 5000; round++)
        {
            (string, int, long)[] wanted = [.. Enumerable.Range(0, 12).Where(_ => random.Next(3) > 0).Select(i => ($"t{i / 4}", i % 4, (long)random.Next(3)))];
            FetchRequest request = Ask(session, wanted);
            if (request.SessionEpoch == 0)
            {
                broker.Clear();
                epoch = 0;
            }

            Assert.That(request.SessionEpoch, Is.EqualTo(epoch));
            epoch++;
            request.ForgottenTopicsData.ForEach(t => t.Partitions.ForEach(p => Assert.That(broker.Remove((t.Topic, p)))));
            request.Topics.ForEach(t => t.Partitions.ForEach(p => broker[(t.Topic, p.Partition)] = p.FetchOffset));
            Assert.That(broker, Is.EquivalentTo(wanted.Select(w => KeyValuePair.Create((w.Item1, w.Item2), w.Item3))));
            switch (random.Next(20))
            {
                case 0:
                    session.Reset();
                    break;
                case 1:
                    session.Take(new FetchResponse { ErrorCode = ErrorCode.FetchSessionIdNotFound });
                    break;
                default:
                    session.Take(new FetchResponse { SessionId = 99 });
                    break;
            }
        }
    }

    private static FetchSession Open(out FetchRequest request, params (string, int, long)[] wanted)
    {
        var session = new FetchSession();
        request = Ask(session, wanted);
        session.Take(new FetchResponse { SessionId = 99 });
        return session;
    }

    private static FetchRequest Ask(FetchSession session, params (string Topic, int Partition, long Offset)[] wanted)
    {
        var request = new FetchRequest();
        session.Fill(request, [.. wanted.Select(w => KeyValuePair.Create(new FetchKey(Guid.Empty, w.Topic, w.Partition), new FetchPosition(w.Offset, 1, -1, 100)))]);
        return request;
    }

    private static IEnumerable<string> Names(FetchRequest request) =>
        request.Topics.SelectMany(t => t.Partitions.Select(p => $"{t.Topic}-{p.Partition}@{p.FetchOffset}"));
}
