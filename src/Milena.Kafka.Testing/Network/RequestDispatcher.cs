using System.Buffers.Binary;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing.Faults;
using Milena.Kafka.Testing.Handlers;
using Milena.Kafka.Testing.State;

namespace Milena.Kafka.Testing.Network;

/// <summary>Turns the frames of one broker into requests, lets the faults happen that are planned for them, and has them handled.</summary>
internal sealed class RequestDispatcher(BrokerState broker, ClusterState cluster, RequestServices services)
{
    public int BrokerId => broker.Id;

    /// <summary>Charges a new connection to the quota of its address.</summary>
    /// <returns>How long it is held until it is closed; zero if it is served.</returns>
    public TimeSpan ChargeConnection(ClientConnection client) => services.Quotas.ChargeConnection(broker.Id, client.Host);

    public async ValueTask<Reply> DispatchAsync(byte[] frame, ClientConnection client, CancellationToken stopping)
    {
        if (client.Sasl.IsBare)
        {
            (ErrorCode error, _, byte[] answer, _) = await client.Sasl.AuthenticateAsync(frame, stopping).ConfigureAwait(false);
            return error == ErrorCode.None ? new Reply(ResponseFrame.Bare(answer), false) : Reply.Close;
        }

        if (frame.Length < 8)
        {
            throw new RequestRejectedException($"A request of {frame.Length} bytes has no room for a header.");
        }

        var key = (ApiKey)BinaryPrimitives.ReadInt16BigEndian(frame);
        short version = BinaryPrimitives.ReadInt16BigEndian(frame.AsSpan(2));
        if (!services.Served.TryGet(key, out Api api, out short lowest, out short highest))
        {
            throw new RequestRejectedException($"The API {(short)key} is not served.");
        }

        if (version < lowest || version > highest)
        {
            // KIP-511: a client that asks too high learns in version 0 how high it may ask.
            return key == ApiKey.ApiVersions
                ? new Reply(ResponseFrame.Encode(ApiVersionsHandler.TooHigh(lowest, highest), 0, BinaryPrimitives.ReadInt32BigEndian(frame.AsSpan(4))), false)
                : throw new RequestRejectedException($"{key} version {version} is not served; versions {lowest} to {highest} are.");
        }

        if (!client.Sasl.IsOpen && key is not (ApiKey.ApiVersions or ApiKey.SaslHandshake or ApiKey.SaslAuthenticate))
        {
            throw new RequestRejectedException(client.Sasl.WasOpened
                ? $"{key} came after the end of the SASL session; the client did not authenticate again in time."
                : $"{key} came before SASL had come to its end.");
        }

        ReceivedRequest request = Read(frame, api, version, client);
        services.Journal.Add(request);
        services.Logs.LookOver();
        IRequestHandler handler = services.Handlers[key];
        var context = new RequestContext(broker, cluster, request, client, stopping) { Security = services.Security, Quotas = services.Quotas };
        IReadOnlyList<Fault> faults = services.Faults.Take(request, (topic, partition) => handler.IsAbout(request.Body, topic, partition, context));
        if (await ApplyAsync(faults, afterHandling: false, stopping).ConfigureAwait(false))
        {
            return Reply.Close;
        }

        long started = cluster.Time.GetTimestamp();
        ValueTask<IResponse?> handling = HandleAsync(handler, context, faults);

        // What comes after the first wait counts for nothing: in Kafka no thread is held meanwhile.
        TimeSpan busy = cluster.Time.GetElapsedTime(started);
        IResponse? response = await handling.ConfigureAwait(false);
        TimeSpan silence = services.Quotas.Charge(context, response, busy);
        if (await ApplyAsync(faults, afterHandling: true, stopping).ConfigureAwait(false))
        {
            return Reply.Close;
        }

        return new Reply(response is null ? null : ResponseFrame.Encode(response, version, request.CorrelationId), context.ClosesConnection, silence);
    }

    private static async ValueTask<IResponse?> HandleAsync(IRequestHandler handler, RequestContext context, IReadOnlyList<Fault> faults)
    {
        Fault? fault = faults.FirstOrDefault(fault => fault.Error is not null);
        if (fault is null)
        {
            return await handler.HandleAsync(context.Request.Body, context).ConfigureAwait(false);
        }

        // An error of one topic is for the handler to place, and so is one after the work was done.
        ErrorCode error = fault.Error.GetValueOrDefault();
        if (fault.Scope.Topic is not null)
        {
            context.Fault = fault;
            return await handler.HandleAsync(context.Request.Body, context).ConfigureAwait(false);
        }

        if (fault.Scope.AfterHandling)
        {
            IResponse? done = await handler.HandleAsync(context.Request.Body, context).ConfigureAwait(false);
            return done is null ? null : handler.Fail(context.Request.Body, error, context);
        }

        return handler.Fail(context.Request.Body, error, context);
    }

    private ReceivedRequest Read(byte[] frame, Api api, short version, ClientConnection client)
    {
        RequestHeader header;
        IRequest body;
        try
        {
            // Bytes after the body are let pass, as brokers do: librdkafka sends some at times.
            var reader = new ProtocolReader(frame);
            header = RequestHeader.Read(ref reader, api.RequestHeaderVersion(version));
            body = Apis.ReadRequest(api.Key, ref reader, version);
        }
        catch (ProtocolException exception)
        {
            throw new RequestRejectedException($"A {api} v{version} request cannot be read: {exception.Message}", exception);
        }

        if (body is ApiVersionsRequest { ClientSoftwareName: { Length: > 0 } name } versions)
        {
            client.SoftwareName = name;
            client.SoftwareVersion = versions.ClientSoftwareVersion;
        }

        return new ReceivedRequest(body)
        {
            Version = version,
            CorrelationId = header.CorrelationId,
            ClientId = header.ClientId,
            ClientSoftwareName = client.SoftwareName,
            ClientSoftwareVersion = client.SoftwareVersion,
            BrokerId = broker.Id,
            ConnectionId = client.Id,
            ReceivedAt = cluster.Time.GetUtcNow(),
            Size = frame.Length,
        };
    }

    /// <summary>Lets the faults of one side of the handling happen.</summary>
    /// <returns>Whether the connection is to be dropped.</returns>
    private async ValueTask<bool> ApplyAsync(IReadOnlyList<Fault> faults, bool afterHandling, CancellationToken stopping)
    {
        foreach (Fault fault in faults)
        {
            if (fault.Scope.AfterHandling != afterHandling)
            {
                continue;
            }

            if (fault.Hold is { } hold)
            {
                await hold.EnterAsync(stopping).ConfigureAwait(false);
            }

            if (fault.Delay is { } delay)
            {
                await Task.Delay(delay, cluster.Time, stopping).ConfigureAwait(false);
            }
        }

        return faults.Any(fault => fault.Drops && fault.Scope.AfterHandling == afterHandling);
    }
}
