using Milena.Kafka.Network.Internal;

namespace Milena.Kafka.Tests.Network;

/// <summary>Large buffers stay with their connection.</summary>
public class FrameBuffersTests
{
    [Test]
    public void A_large_buffer_that_came_back_is_rented_again_whoever_gave_it_back()
    {
        var buffers = new FrameBuffers();
        byte[] first = buffers.Rent(FrameBuffers.SmallestKept);
        var thread = new Thread(() => buffers.Return(first));
        thread.Start();
        thread.Join();

        Assert.That(buffers.Rent(FrameBuffers.SmallestKept), Is.SameAs(first));
        Assert.That(buffers.Rent(FrameBuffers.SmallestKept), Is.Not.SameAs(first), "it is rented once");
    }

    [Test]
    public void One_that_has_become_too_small_makes_way()
    {
        var buffers = new FrameBuffers();
        buffers.Return(new byte[FrameBuffers.SmallestKept]);

        byte[] larger = buffers.Rent(3 * FrameBuffers.SmallestKept);
        Assert.That(larger, Has.Length.AtLeast(3 * FrameBuffers.SmallestKept));
        buffers.Return(larger);
        Assert.That(buffers.Rent(FrameBuffers.SmallestKept), Is.SameAs(larger));
    }
}
