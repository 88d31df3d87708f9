using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Milena.Kafka.Security.Internal;

/// <summary>Keeps the identity that TLS goes by, and replaces it when files or the provider have something new. Thread-safe.</summary>
internal sealed class TlsCredentials : IAsyncDisposable
{
    private readonly TlsOptions _options;
    private readonly ILogger _log;
    private readonly SemaphoreSlim _loading = new(1, 1);
    private readonly CancellationTokenSource _closing = new();
    private volatile TlsIdentity? _identity;
    private Task _watching = Task.CompletedTask;

    public TlsCredentials(TlsOptions options, TimeProvider timeProvider, ILogger log)
    {
        _options = options;
        TimeProvider = timeProvider;
        _log = log;
    }

    /// <summary>The client's clock.</summary>
    public TimeProvider TimeProvider { get; }

    /// <summary>The identity to use now.</summary>
    /// <exception cref="CryptographicException">Certificates cannot be read.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public async ValueTask<TlsIdentity> GetAsync(CancellationToken cancellationToken)
    {
        if (_identity is { } known)
        {
            return known;
        }

        await _loading.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_identity is null)
            {
                _identity = await LoadAsync(cancellationToken).ConfigureAwait(false);
                if (_options.IsWatched && !_closing.IsCancellationRequested)
                {
                    _watching = WatchAsync();
                }
            }

            return _identity;
        }
        finally
        {
            _loading.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        await _watching.ConfigureAwait(false);
    }

    private async Task WatchAsync()
    {
        using var timer = new PeriodicTimer(_options.ReloadInterval, TimeProvider);
        try
        {
            while (await timer.WaitForNextTickAsync(_closing.Token).ConfigureAwait(false))
            {
                await RenewAsync().ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (_closing.IsCancellationRequested)
        {
            // The client is closed.
        }
    }

    private async Task RenewAsync()
    {
        TlsIdentity old = _identity!;
        try
        {
            TlsIdentity next = await LoadAsync(_closing.Token).ConfigureAwait(false);
            if (next.Fingerprint != old.Fingerprint)
            {
                _identity = next;
                await old.RetireAsync().ConfigureAwait(false);
                Log.CertificatesRenewed(_log);
            }
        }
        catch (Exception fault) when (fault is not OperationCanceledException || !_closing.IsCancellationRequested)
        {
            // A file may be half written, a provider out of order; the next look will tell.
            Log.CertificatesNotRenewed(_log, fault.Message);
        }
    }

    private async Task<TlsIdentity> LoadAsync(CancellationToken cancellationToken)
    {
        var fingerprint = new StringBuilder();
        X509Certificate2Collection? authorities = await LoadAuthoritiesAsync(fingerprint, cancellationToken).ConfigureAwait(false);
        (X509Certificate2? certificate, X509Certificate2Collection? chain) = await LoadCertificateAsync(fingerprint, cancellationToken).ConfigureAwait(false);

        // Offline: nothing is fetched to complete the chain while a connection waits.
        SslStreamCertificateContext? client = certificate is null ? null : SslStreamCertificateContext.Create(certificate, chain, offline: true);
        return new TlsIdentity(fingerprint.ToString(), authorities, client);
    }

    private async Task<X509Certificate2Collection?> LoadAuthoritiesAsync(StringBuilder fingerprint, CancellationToken cancellationToken)
    {
        if (_options.Authorities is not null)
        {
            return _options.Authorities;
        }

        if (_options.AuthorityPem is { } pem)
        {
            return TlsMaterial.Authorities(Encoding.UTF8.GetBytes(pem), null, "AuthorityPem");
        }

        if (_options.AuthorityFile is not { } file)
        {
            return null;
        }

        byte[] content = await ReadAsync(file, fingerprint, cancellationToken).ConfigureAwait(false);
        return TlsMaterial.Authorities(content, _options.AuthorityFilePassword, file);
    }

    private async Task<(X509Certificate2? Certificate, X509Certificate2Collection? Chain)> LoadCertificateAsync(StringBuilder fingerprint, CancellationToken cancellationToken)
    {
        if (_options.ClientCertificateProvider is { } provider)
        {
            X509Certificate2? provided = await provider(cancellationToken).ConfigureAwait(false);
            fingerprint.Append(provided?.Thumbprint);
            return provided is { HasPrivateKey: false } ? throw new CryptographicException("The client certificate of the provider has no private key.") : (provided, null);
        }

        if (_options.CertificatePem is { } pem)
        {
            return TlsMaterial.Certificate(Encoding.UTF8.GetBytes(pem), _options.PrivateKeyPem, _options.PrivateKeyPassword, "CertificatePem");
        }

        if (_options.CertificateFile is { } file)
        {
            byte[] content = await ReadAsync(file, fingerprint, cancellationToken).ConfigureAwait(false);
            string? key = _options.KeyFile is { } keyFile ? Encoding.UTF8.GetString(await ReadAsync(keyFile, fingerprint, cancellationToken).ConfigureAwait(false)) : null;
            return TlsMaterial.Certificate(content, key, _options.PrivateKeyPassword, file);
        }

        return (_options.ClientCertificate, null);
    }

    private static async Task<byte[]> ReadAsync(string file, StringBuilder fingerprint, CancellationToken cancellationToken)
    {
        byte[] content = await File.ReadAllBytesAsync(file, cancellationToken).ConfigureAwait(false);
        fingerprint.Append(Convert.ToHexString(SHA256.HashData(content)));
        return content;
    }
}
