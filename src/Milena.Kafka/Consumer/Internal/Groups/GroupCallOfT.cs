using Milena.Kafka.Network.Internal;
using Milena.Kafka.Protocol;

namespace Milena.Kafka.Consumer.Internal.Groups;

/// <summary>One request of a membership, of a certain API.</summary>
internal sealed class GroupCall<TRequest, TResponse> : GroupCall
    where TRequest : IRequest<TResponse>
    where TResponse : IResponse<TResponse>
{
    private readonly Api _api;

    public GroupCall(Api api, Func<short, TRequest> create, Action<TResponse, TimeSpan> take)
    {
        _api = api;
        Create = create;
        Take = take;
    }

    /// <summary>Makes the request for a version.</summary>
    public Func<short, TRequest> Create { get; }

    /// <summary>Gives an answer to the membership.</summary>
    public Action<TResponse, TimeSpan> Take { get; }

    public override async Task<Action<TimeSpan>> SendAsync(Connection connection, CancellationToken cancellationToken)
    {
        try
        {
            TRequest request = Create(connection.Versions.Negotiate(_api));
            TResponse response = await connection.SendAsync(request, new RequestOptions(Timeout: Timeout), cancellationToken).ConfigureAwait(false);
            return now => Take(response, now);
        }
        catch (UnsupportedFieldException fault)
        {
            throw new UnsupportedVersionException(fault.Message, fault);
        }
    }
}
