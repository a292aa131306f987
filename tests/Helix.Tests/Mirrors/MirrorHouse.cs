using Helix.Mirrors;
using Helix.Mirrors.Products;

namespace Helix.Tests.Mirrors;

/// <summary>Mirrors, a maker of payloads, and a folder to install into.</summary>
internal sealed class MirrorHouse : IAsyncDisposable
{
    private MirrorHouse(MirrorServer mirror) => Mirror = mirror;

    public MirrorServer Mirror { get; }

    public string Folder { get; } = Directory.CreateTempSubdirectory("helix-mirrors-").FullName;

    public HttpClient Client { get; } = new() { Timeout = Timeout.InfiniteTimeSpan };

    public static async Task<MirrorHouse> OpenAsync() => new(await MirrorServer.StartAsync());

    public async Task<Payload> PublishAsync(string provider, string version, int padding = 0)
    {
        var payload = new Payloads(Wrapper.Built(padding: padding)).For(provider, version);
        await Mirror.PublishAsync(payload);
        return payload;
    }

    public async Task<byte[]> GetAsync(string path) => await Client.GetByteArrayAsync(new Uri(Mirror.Url, path));

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Mirror.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }
}
