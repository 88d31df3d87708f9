using System.Buffers;
using System.Buffers.Binary;
using Milena.Kafka.Producer.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka.Tests.Producer;

/// <summary>One partition queue against one simulated partition, on a schedule drawn from a seed. What a sender loop does to the queue is done here step by step.</summary>
internal sealed class IdempotenceModel
{
    private static readonly TopicPartition Partition = new("t", 0);

    private static readonly ErrorCode[] Refusals =
    [
        ErrorCode.NotLeaderOrFollower, ErrorCode.NotEnoughReplicas, ErrorCode.UnknownTopicOrPartition, ErrorCode.CorruptMessage,
        ErrorCode.OutOfOrderSequenceNumber, ErrorCode.UnknownProducerId, ErrorCode.TopicAuthorizationFailed, ErrorCode.MessageTooLarge,
    ];

    private static readonly ErrorCode[] ErrorsAfterAppend =
    [
        ErrorCode.NotLeaderOrFollower, ErrorCode.NotEnoughReplicasAfterAppend, ErrorCode.RequestTimedOut, ErrorCode.UnknownServerError,
    ];

    private static readonly ErrorCode[] SequenceErrors = [ErrorCode.OutOfOrderSequenceNumber, ErrorCode.UnknownProducerId];

    private readonly Random _random;
    private readonly bool _hasLateRequests;
    private readonly bool _liesAfterAppend;
    private readonly HashSet<ProducerBatch> _liedTo = [];
    private readonly BatchMemory _memory = new(long.MaxValue, ArrayPool<byte>.Shared);
    private readonly PartitionQueue _queue = new(Partition, isIdempotent: true);
    private readonly SimulatedPartition _broker = new();
    private readonly List<AcceptedRecord> _accepted = [];
    private readonly List<(ProducerBatch Batch, byte[] Bytes)> _wire = [];
    private readonly List<(ProducerBatch Batch, ErrorCode Error, long Offset)> _answers = [];
    private readonly List<byte[]> _late = [];
    private readonly List<string> _trace = [];
    private ProducerIdentity _identity;
    private bool _isCalm;
    private bool _isRenamed;

    /// <summary>Makes one.</summary>
    /// <param name="seed">Draws the schedule.</param>
    /// <param name="epoch">The first epoch.</param>
    /// <param name="firstSequence">The first sequence number.</param>
    /// <param name="hasLateRequests">Whether requests of lost connections may reach the broker at any later time.</param>
    /// <param name="liesAfterAppend">
    /// Whether the broker may append a batch and call its numbers wrong all the same. Not along with late requests: the numbers of a batch can be wrong
    /// when it is first asked and right when it is asked again, if an earlier one has come late, and a lie at just that moment cannot be found out.
    /// </param>
    public IdempotenceModel(int seed, short epoch = 0, int firstSequence = 0, bool hasLateRequests = true, bool liesAfterAppend = false)
    {
        _random = new Random(seed);
        _hasLateRequests = hasLateRequests;
        _liesAfterAppend = liesAfterAppend;
        _identity = new ProducerIdentity(1, epoch);
        _queue.Sequences!.Start(_identity, firstSequence);
    }

    /// <summary>What has happened, for whoever looks at a schedule that fails.</summary>
    public IReadOnlyList<string> Trace => _trace;

    public int Bumps { get; private set; }

    public int Stored { get; private set; }

    public int NotStored { get; private set; }

    public int Unknown { get; private set; }

    /// <summary>Runs the schedule, lets the storm pass, and holds the results against the log.</summary>
    public void Run(int steps)
    {
        for (int i = 0; i < steps; i++)
        {
            Step();
        }

        _isCalm = true;
        for (int i = 0; !_queue.IsEmpty; i++)
        {
            Assert.That(i, Is.LessThan(1_000), "what is left must come to an end");
            Send();
            Serve();
            Land();
        }

        Check();
    }

    private void Step()
    {
        switch (_random.Next(16))
        {
            case < 4:
                Add();
                break;
            case < 8:
                Send();
                break;
            case < 11:
                Serve();
                break;
            case < 14:
                Land();
                break;
            case 14 when _random.Next(3) == 0:
                LoseConnection();
                break;
            case 14 when _late.Count > 0:
                _trace.Add($"late request: {_broker.Append(_late[0])}");
                _late.RemoveAt(0);
                break;
            case 15 when _random.Next(4) == 0:
                Expire();
                break;
            case 15 when _random.Next(4) == 0:
                Bump(_identity);
                break;
            default:
                break;
        }
    }

    private void Add()
    {
        var batch = new ProducerBatch(_memory, 256, 256, new BatchDelivery(Partition), 0, TimeSpan.Zero);
        for (int left = _random.Next(1, 4); left > 0; left--)
        {
            byte[] value = new byte[4];
            BinaryPrimitives.WriteInt32BigEndian(value, _accepted.Count);
            var record = new PendingRecord { Topic = "t", Partition = 0, Key = RecordBytes.Null, Value = value, Headers = default, Timestamp = 1, IsAwaited = true };
            Assert.That(batch.TryAppend(in record, out AcceptedRecord accepted), Is.True);
            _accepted.Add(accepted);
        }

        _queue.Add(batch);
    }

    private void Send()
    {
        if (_queue.InFlight.Count < 5 && _queue.IsReady(TimeSpan.Zero, TimeSpan.Zero, _identity))
        {
            ProducerBatch batch = _queue.BeginFlight(_identity);
            batch.Close(null);
            _trace.Add($"send {Describe(batch)}");
            _wire.Add((batch, batch.Bytes.ToArray()));
        }
    }

    private void Serve()
    {
        if (_wire.Count == 0)
        {
            return;
        }

        (ProducerBatch batch, byte[] bytes) = _wire[0];
        _wire.RemoveAt(0);
        int chance = _isCalm ? 9 : _random.Next(10);
        ErrorCode refusal = Refusals[_random.Next(Refusals.Length)];
        if (chance == 0 && (!SequenceErrors.Contains(refusal) || MayLieTo(batch)))
        {
            _answers.Add((batch, refusal, -1));
            _trace.Add($"refuse {Describe(batch)}: {refusal}");
            return;
        }

        (ErrorCode error, long offset) = _broker.Append(bytes);
        if (chance == 1 && error == ErrorCode.None)
        {
            ErrorCode[] errors = _liesAfterAppend && MayLieTo(batch) ? SequenceErrors : ErrorsAfterAppend;
            error = errors[_random.Next(errors.Length)];
        }
        else
        {
            _liedTo.Remove(batch);
        }

        _trace.Add($"serve {Describe(batch)}: {error}, stored at {offset}");
        _answers.Add((batch, error, offset));
    }

    /// <summary>The numbers of a batch are never called wrong twice running without need: the second time the client has to believe it.</summary>
    private bool MayLieTo(ProducerBatch batch) => _liedTo.Add(batch) || !_liedTo.Remove(batch);

    /// <summary>Lands any answer: they arrive in order, but who waits for them may be woken in another.</summary>
    private void Land()
    {
        if (_answers.Count == 0)
        {
            return;
        }

        int at = _random.Next(_answers.Count);
        (ProducerBatch batch, ErrorCode error, long offset) = _answers[at];
        _answers.RemoveAt(at);
        _trace.Add($"land {Describe(batch)}: {error}");
        switch (error)
        {
            case ErrorCode.None:
                _queue.Acknowledge(batch);
                batch.End(new DeliveryOutcome(offset, -1, null));
                break;
            case ErrorCode.OutOfOrderSequenceNumber or ErrorCode.UnknownProducerId or ErrorCode.InvalidProducerEpoch:
                Again(batch, _queue.TryRepair(batch, error));
                break;
            case ErrorCode.MessageTooLarge when batch.Count > 1 && !batch.IsEnded && !batch.MayBeStored:
                (ProducerBatch first, ProducerBatch second) = BatchSplit.InHalves(batch);
                batch.Replace();
                _queue.Retry(batch, first, second);
                break;
            case ErrorCode.NetworkException:
                batch.NoteSilence(wasSent: true);
                Again(batch, true);
                break;
            default:
                batch.NoteAnswer(FlightLanding.MayHaveStored(error, Acks.All));
                Again(batch, error is not (ErrorCode.TopicAuthorizationFailed or ErrorCode.MessageTooLarge or ErrorCode.UnknownServerError));
                break;
        }

        Repair();
    }

    private void Again(ProducerBatch batch, bool mayGoAgain)
    {
        if (mayGoAgain && !batch.IsEnded)
        {
            _queue.Retry(batch, TimeSpan.Zero);
            return;
        }

        _queue.Abandon(batch);
        Fail(batch);
    }

    private void LoseConnection()
    {
        _trace.Add("lose connection");
        foreach ((ProducerBatch batch, byte[] bytes) in _wire)
        {
            if (_hasLateRequests && _random.Next(2) == 0)
            {
                _late.Add(bytes);
            }

            _answers.Add((batch, ErrorCode.NetworkException, -1));
        }

        _wire.Clear();
        for (int i = 0; i < _answers.Count; i++)
        {
            _answers[i] = _answers[i] with { Error = ErrorCode.NetworkException };
        }
    }

    private void Expire()
    {
        var expired = new List<ProducerBatch>();
        bool some = _random.Next(2) == 0;
        foreach (ProducerBatch batch in _queue.InFlight.Where(b => !b.IsEnded))
        {
            batch.MayBeStored = true;
            expired.Add(batch);
            if (some)
            {
                break;
            }
        }

        if (!some)
        {
            _queue.RemoveOlderThan(TimeSpan.Zero, expired);
        }

        _trace.Add($"expire {string.Join(", ", expired.Select(Describe))}");
        expired.ForEach(Fail);
        Repair();
    }

    private void Repair()
    {
        if (_queue.Sequences is { IsBroken: true } sequences && sequences.Identity == _identity)
        {
            Bump(_identity);
        }
    }

    private void Bump(ProducerIdentity from)
    {
        ProducerIdentity next = from.Next();
        _trace.Add($"bump from {from}");
        _isRenamed |= next.IsNone;
        _identity = next.IsNone ? new ProducerIdentity(from.Id + 1, 0) : next;
        Bumps++;
    }

    private static string Describe(ProducerBatch batch) =>
        $"#{batch.Place}/{batch.FirstIndex} x{batch.Count} {(batch.Stamp is { } s ? $"{s.Id}.{s.Epoch}:{s.BaseSequence}" : "unstamped")}{(batch.MayBeStored ? " maybe stored" : "")}";

    private static void Fail(ProducerBatch batch)
    {
        DeliveryStatus status = batch.MayBeStored ? DeliveryStatus.Unknown : DeliveryStatus.NotStored;
        batch.End(DeliveryOutcome.Failed(new DeliveryFault(Partition, status, ErrorCode.None, "failed", null)));
    }

    private void Check()
    {
        for (int value = 0; value < _accepted.Count; value++)
        {
            int count = _broker.Log.Count(v => v == value);
            Task<DeliveryResult> result = _accepted[value].Result.AsTask();
            Assert.That(result.IsCompleted, Is.True);
            if (result.IsCompletedSuccessfully)
            {
                Assert.That(count, Is.EqualTo(1), $"record {value} was acknowledged");
                Assert.That(_broker.Log[(int)result.Result.Offset], Is.EqualTo(value));
                Stored++;
            }
            else if (((DeliveryException)result.Exception!.InnerException!).Status == DeliveryStatus.NotStored)
            {
                Assert.That(count, Is.Zero, $"record {value} was reported as not stored");
                NotStored++;
            }
            else
            {
                Assert.That(count, Is.LessThanOrEqualTo(1), $"record {value} is unknown");
                Unknown++;
            }
        }

        // A late request of an id that is out of use is fenced by nothing. Its records are in the log, once, and were reported as unknown.
        Assert.That(_broker.Log.Where(v => !_isRenamed || _accepted[v].Result.IsCompletedSuccessfully), Is.Ordered.Ascending);
    }
}
