using System.Net;
using System.Net.Http.Json;
using System.Text;
using Helix.Access;
using Helix.Contracts;
using Helix.Core.Configuration;
using Helix.Dashboard;
using Helix.Live;
using Helix.Tests.Gateway.Fakes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Helix.Tests.Dashboard;

/// <summary>A gateway with a dashboard of three small files, and browsers that sign in to it.</summary>
internal sealed class DashboardHouse : IAsyncDisposable
{
    public const string Page = "<!doctype html><title>helix</title><script src=\"/ui/app.js\"></script>";

    private DashboardHouse(GatewayHost host) => (Host, Owner) = (host, host.Owner());

    public GatewayHost Host { get; }

    /// <summary>A client on the unix socket.</summary>
    public HttpClient Owner { get; }

    public string Origin => $"http://127.0.0.1:{Host.Port}";

    public static async Task<DashboardHouse> StartAsync(TimeProvider? time = null, Action<IServiceCollection>? more = null, Action<WebApplication>? first = null)
    {
        var files = new Dictionary<string, byte[]>(StringComparer.Ordinal)
        {
            ["index.html"] = Encoding.UTF8.GetBytes(Page),
            ["app.js"] = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("console.log('helix');\n", 500))),
            ["assets/font-12345678.woff2"] = [1, 2, 3],
        };
        var pages = new PageShelf(files.Keys, name => new MemoryStream(files[name]));
        DashboardHouse? house = null;
        var host = await GatewayHost.StartAsync(
            time,
            services =>
            {
                services.AddSingleton(pages).AddSingleton<PageEndpoints>().AddLive();
                more?.Invoke(services);
            },
            app =>
            {
                app.Services.GetRequiredService<PageEndpoints>().Map(app);
                new LinkEndpoint(pages, app.Services.GetRequiredService<SignInLinks>(), () => house!.Origin).Map(app);
                app.MapLive();
                first?.Invoke(app);
            });
        return house = new DashboardHouse(host);
    }

    /// <summary>The secret of a link that the owner was given.</summary>
    public async Task<string> LinkAsync()
    {
        using var response = await Owner.PostAsync("/helix/v1/dashboard/link", null);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        var link = (await response.Content.ReadFromJsonAsync(SessionJson.Default.LinkReport))!;
        Assert.StartsWith($"{Origin}/#/sign-in/", link.Url, StringComparison.Ordinal);
        return link.Url[(link.Url.LastIndexOf('/') + 1)..];
    }

    public async Task<Browser> SignInAsync()
    {
        var browser = new Browser(this);
        using var response = await browser.UseAsync(await LinkAsync());
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return browser;
    }

    public void RequireKeys() => Host.Config = HelixConfig.Default with { Security = new SecurityConfig(RequireKey: true) };

    public async ValueTask DisposeAsync()
    {
        Owner.Dispose();
        await Host.DisposeAsync();
    }
}
