using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace Helix.Gateway.Lane;

/// <summary>Where a request came from, and where it came in.</summary>
/// <param name="local">Null for what is no TCP connection.</param>
/// <param name="remote">Null for what is no TCP connection.</param>
internal sealed class LaneConnectionInfo(IPEndPoint? local, IPEndPoint? remote) : ConnectionInfo
{
    public override string Id { get => throw LaneLack.Of("The id of a connection"); set => throw LaneLack.Of("The id of a connection"); }

    public override IPAddress? RemoteIpAddress { get => remote?.Address; set => throw LaneLack.Of("Another address of the client"); }

    public override int RemotePort { get => remote?.Port ?? 0; set => throw LaneLack.Of("Another port of the client"); }

    public override IPAddress? LocalIpAddress { get => local?.Address; set => throw LaneLack.Of("Another address of this machine"); }

    public override int LocalPort { get => local?.Port ?? 0; set => throw LaneLack.Of("Another port of this machine"); }

    /// <summary>Nothing is encrypted here, so nobody has one.</summary>
    public override X509Certificate2? ClientCertificate { get => null; set => throw LaneLack.Of("A certificate of the client"); }

    public override Task<X509Certificate2?> GetClientCertificateAsync(CancellationToken cancellationToken = default) => Task.FromResult<X509Certificate2?>(null);
}
