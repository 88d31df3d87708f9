using Milena.Kafka.Consumer.Internal.Processing;

namespace Milena.Kafka.Tests.Consumer.Processing;

/// <summary>Which items may run beside one another.</summary>
public class LaneSchedulerTests
{
    [Test]
    public void Lanes_keep_their_order_run_beside_one_another_and_all_come_to_their_turn([Range(1, 60)] int seed)
    {
        var random = new Random(seed);
        int parallelism = random.Next(1, 6);
        var scheduler = new LaneScheduler<int, (int Lane, int Number)>(parallelism);
        int[] enqueued = new int[8];
        int[] started = new int[8];
        var running = new List<(int Lane, int Number)>();
        int dropped = 0;
        for (int step = 0; step < 500; step++)
        {
            switch (random.Next(20))
            {
                case 0:
                    int lane = random.Next(8);
                    scheduler.Drop(i => i.Lane == lane);
                    dropped += enqueued[lane] - started[lane];
                    started[lane] = enqueued[lane];
                    break;
                case < 9:
                    int to = random.Next(8);
                    scheduler.Enqueue(to, (to, enqueued[to]++));
                    break;
                case < 15:
                    Start();
                    break;
                default:
                    EndOne();
                    break;
            }
        }

        while (Start() || EndOne())
        {
        }

        Assert.That((scheduler.Running, scheduler.Waiting), Is.EqualTo((0, 0)));
        Assert.That(started, Is.EqualTo(enqueued), $"none waits for ever; {dropped} were dropped");

        bool Start()
        {
            bool mayRun = running.Count < parallelism && Enumerable.Range(0, 8).Any(l => started[l] < enqueued[l] && running.All(r => r.Lane != l));
            Assert.That(scheduler.TryStart(out (int Lane, int Number) item), Is.EqualTo(mayRun));
            if (mayRun)
            {
                Assert.That(item.Number, Is.EqualTo(started[item.Lane]++));
                Assert.That(running.Select(r => r.Lane), Has.None.EqualTo(item.Lane));
                running.Add(item);
            }

            return mayRun;
        }

        bool EndOne()
        {
            if (running.Count == 0)
            {
                return false;
            }

            int index = random.Next(running.Count);
            scheduler.Complete(running[index].Lane);
            running.RemoveAt(index);
            return true;
        }
    }
}
