using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Milena.Kafka.Security.Internal;

/// <summary>Makes assertions out of a key and a template in files, which it reads each time.</summary>
internal sealed class JwtAssertionFiles(OAuthAssertionOptions options)
{
    public async ValueTask<string> CreateAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var assertion = new JwtAssertion().Claim("iss", options.Issuer).Claim("sub", options.Subject).Claim("aud", options.Audience);
        if (options.TemplateFile is { } file)
        {
            AddTemplate(assertion, file, await File.ReadAllTextAsync(file, cancellationToken).ConfigureAwait(false));
        }

        string pem = await File.ReadAllTextAsync(options.PrivateKeyFile!, cancellationToken).ConfigureAwait(false);
        if (options.Algorithm == "ES256")
        {
            using ECDsa curve = ECDsa.Create();
            Import(curve, pem);
            return Sign(assertion, now, bytes => curve.SignData(bytes, HashAlgorithmName.SHA256));
        }

        using RSA rsa = RSA.Create();
        Import(rsa, pem);
        return Sign(assertion, now, bytes => rsa.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
    }

    private string Sign(JwtAssertion assertion, DateTimeOffset now, Func<byte[], byte[]> sign) =>
        assertion.Sign(options.Algorithm, now, options.Lifetime, options.ClockTolerance, options.HasId, sign);

    private void Import(AsymmetricAlgorithm key, string pem)
    {
        try
        {
            if (options.Passphrase is { } passphrase)
            {
                key.ImportFromEncryptedPem(pem, passphrase);
            }
            else
            {
                key.ImportFromPem(pem);
            }
        }
        catch (Exception fault) when (fault is ArgumentException or CryptographicException)
        {
            throw new CryptographicException($"{options.PrivateKeyFile} holds no private key for {options.Algorithm} as PEM, or it has another passphrase.", fault);
        }
    }

    private static void AddTemplate(JwtAssertion assertion, string file, string text)
    {
        try
        {
            JsonNode? template = JsonNode.Parse(text);
            Copy(template?["header"], assertion.Header);
            Copy(template?["payload"], assertion.Claims);
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            throw new InvalidDataException($"{file} is not of the form {{\"header\": {{}}, \"payload\": {{}}}}.", fault);
        }
    }

    private static void Copy(JsonNode? from, JsonObject to)
    {
        foreach ((string name, JsonNode? value) in from?.AsObject() ?? [])
        {
            to[name] = value?.DeepClone();
        }
    }
}
