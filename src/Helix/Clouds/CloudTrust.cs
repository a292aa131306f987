using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Helix.Clouds;

/// <summary>Whose certificates are believed.</summary>
/// <param name="Roots">Null: those that the system believes, which on Linux <c>SSL_CERT_FILE</c> and <c>SSL_CERT_DIR</c> name.</param>
internal sealed record CloudTrust(X509Certificate2Collection? Roots)
{
    public SslClientAuthenticationOptions Options(string? host) => new()
    {
        TargetHost = host,
        ApplicationProtocols = [SslApplicationProtocol.Http11],
        CertificateChainPolicy = Policy(),
    };

    private X509ChainPolicy? Policy()
    {
        if (Roots is null) return null;
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(Roots);
        return policy;
    }
}
