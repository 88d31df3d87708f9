using System.Text;

namespace Milena.Kafka.Testing.Security;

/// <summary>The broker's side of AWS_MSK_IAM: one signed request in, an id for it out.</summary>
internal sealed class AwsMskIamServer(UserStore users, string host, TimeProvider time) : ISaslServer
{
    public string Mechanism => "AWS_MSK_IAM";

    public ValueTask<SaslStep> EvaluateAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        if (AwsMskIamRequest.Parse(message) is not { } request)
        {
            return new(SaslStep.Refuse("Invalid AWS_MSK_IAM request: expected a JSON object of strings"));
        }

        string? refusal = request.Refusal(users.PasswordOf(request.AccessKeyId), [host, "localhost"], time.GetUtcNow());
        return new(refusal is null
            ? SaslStep.Done(request.AccessKeyId, Encoding.UTF8.GetBytes($"{{\"version\":\"{AwsMskIamRequest.Version}\",\"request-id\":\"{Guid.NewGuid()}\"}}"))
            : SaslStep.Refuse($"Access denied: {refusal}"));
    }

    public void Dispose()
    {
    }
}
