using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Helix.EndToEnd.Harness;

/// <summary>A cloud on loopback, over TLS with a certificate that nobody believes who is not given it.</summary>
internal sealed class CloudStandIn : IAsyncDisposable
{
    public const string Key = "sk-end-to-end-4711";

    private readonly WebApplication _app;
    private readonly X509Certificate2 _certificate;

    private CloudStandIn(WebApplication app, X509Certificate2 certificate) => (_app, _certificate) = (app, certificate);

    public string Url => $"https://localhost:{new Uri(_app.Urls.Single()).Port}/v1";

    /// <summary>Bodies of the requests for an answer.</summary>
    public ConcurrentQueue<string> Asked { get; } = [];

    public static async Task<CloudStandIn> StartAsync()
    {
        var certificate = Certificate();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificate)));
        var cloud = new CloudStandIn(builder.Build(), certificate);
        cloud._app.Run(cloud.AnswerAsync);
        await cloud._app.StartAsync();
        return cloud;
    }

    /// <summary>Writes the certificate where <c>SSL_CERT_FILE</c> of a home names it.</summary>
    public void IsBelievedIn(TempHome home)
    {
        var file = Path.Combine(home.Folder, "cloud.pem");
        File.WriteAllText(file, _certificate.ExportCertificatePem());
        home.Environment["SSL_CERT_FILE"] = file;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _certificate.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        context.Response.ContentType = "application/json";
        if (context.Request.Headers.Authorization != $"Bearer {Key}")
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            await context.Response.WriteAsync($$$"""{"error":{"message":"Incorrect API key provided: {{{context.Request.Headers.Authorization}}}"}}""");
        }
        else if (context.Request.Path == "/v1/models") await context.Response.WriteAsync("""{"object":"list","data":[{"id":"gpt-large"},{"id":"gpt-small"}]}""");
        else
        {
            using var reader = new StreamReader(context.Request.Body);
            Asked.Enqueue(await reader.ReadToEndAsync());
            await context.Response.WriteAsync("""{"id":"x","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"from a cloud"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1000,"completion_tokens":500,"total_tokens":1500}}""");
        }
    }

    private static X509Certificate2 Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }
}
