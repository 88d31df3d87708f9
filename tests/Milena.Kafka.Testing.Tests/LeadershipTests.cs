using Milena.Kafka.Testing.State;

namespace Milena.Kafka.Testing.Tests;

/// <summary>Random lives of a partition: brokers stop and come back, leaders are elected, replicas are moved.</summary>
public class LeadershipTests
{
    private static readonly int[] Brokers = [1, 2, 3, 4, 5];

    [Test]
    public void Whatever_happens_leader_replicas_and_those_in_sync_fit_together([Range(1, 300)] int seed)
    {
        var random = new Random(seed);
        var alive = new HashSet<int>(Brokers);
        int minInSync = random.Next(1, 3);
        int[] first = Choose(random);
        int[] target = first;
        var state = new Leadership(first[0], 0, first, first);
        for (int step = 0; step < 60; step++)
        {
            int broker = Brokers[random.Next(Brokers.Length)];
            Leadership before = state;
            switch (random.Next(6))
            {
                case 0 when alive.Remove(broker):
                    state = state.WithStopped(broker, minInSync);
                    break;
                case 1 or 2 when alive.Add(broker):
                    state = state.WithStarted(broker, minInSync, isUncleanAllowed: false);
                    break;
                case 3:
                    target = Choose(random);
                    state = state.WithReplicas(target, alive.Contains);
                    break;
                case 4 when state.IsMoving:
                    state = state.WithoutMove();
                    target = [.. state.Replicas];
                    break;
                case 5:
                    state = (random.Next(4) == 0 && state.Leader < 0 ? state.WithUncleanLeader(alive.Contains) : state.WithPreferredLeader()) ?? state;
                    break;
            }

            string story = $"step {step}: {before} became {state}";
            Assert.That(state.Leader == -1 || state.InSync.Contains(state.Leader), story);
            Assert.That(state.Leader != -1 || state.InSync.Count == 0, story);
            Assert.That(state.InSync.All(id => state.Replicas.Contains(id) && alive.Contains(id)), story);
            Assert.That(state.Eligible.All(id => state.Replicas.Contains(id) && !state.InSync.Contains(id)), story);
            Assert.That(state.Replicas, Is.Unique.And.Not.Empty, story);
            Assert.That(state.Adding.All(state.Replicas.Contains) && state.Removing.All(state.Replicas.Contains) && !state.Adding.Intersect(state.Removing).Any(), story);
            Assert.That(state.IsMoving || state.Replicas.SequenceEqual(target), story);
        }
    }

    [Test]
    public void A_clean_history_never_loses_its_last_eligible_replica([Range(1, 100)] int seed)
    {
        var random = new Random(seed);
        var alive = new HashSet<int>([1, 2, 3]);
        var state = new Leadership(1, 0, [1, 2, 3], [1, 2, 3]);
        for (int step = 0; step < 40; step++)
        {
            int broker = random.Next(1, 4);
            state = alive.Remove(broker) ? state.WithStopped(broker, 1) : alive.Add(broker) ? state.WithStarted(broker, 1, isUncleanAllowed: false) : state;
            Assert.That(state.Leader >= 0 || state.Eligible.Count > 0, $"step {step}: {state}");
        }
    }

    private static int[] Choose(Random random)
    {
        int[] shuffled = [.. Brokers];
        random.Shuffle(shuffled);
        return shuffled[..random.Next(1, 4)];
    }
}
