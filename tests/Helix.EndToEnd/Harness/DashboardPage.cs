using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Helix.EndToEnd.Harness;

/// <summary>What the dashboard's page does, with a plain HTTP client: it signs in with a link, keeps cookie and token, and follows the live stream.</summary>
internal sealed class DashboardPage : IDisposable
{
    private readonly HttpClient _http;
    private readonly string _origin;

    private DashboardPage(Uri origin, string cookie, string token)
    {
        _origin = origin.GetLeftPart(UriPartial.Authority);
        (Cookie, Token) = (cookie, token);
        _http = Client(origin);
    }

    public string Cookie { get; }

    public string? Token { get; set; }

    /// <param name="link">As helix printed it.</param>
    /// <returns>The page, or how it was refused.</returns>
    public static async Task<(DashboardPage? Page, HttpStatusCode Status)> SignInAsync(string link)
    {
        var address = new Uri(link);
        Assert.StartsWith("#/sign-in/", address.Fragment, StringComparison.Ordinal);
        using var http = Client(address);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/helix/v1/session") { Content = Json($$"""{"link":"{{address.Fragment["#/sign-in/".Length..]}}"}""") };
        request.Headers.Add("Origin", address.GetLeftPart(UriPartial.Authority));
        request.Headers.Add("Sec-Fetch-Site", "same-origin");
        using var response = await http.SendAsync(request);
        if (!response.IsSuccessStatusCode) return (null, response.StatusCode);
        var token = (string?)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["csrf"];
        return (new DashboardPage(address, response.Headers.GetValues("Set-Cookie").Single().Split(';')[0], token!), response.StatusCode);
    }

    public async Task<Reply> SendAsync(HttpMethod method, string path, string? json = null, params (string Name, string Value)[] headers)
    {
        using var request = Request(method, path, json, headers);
        using var response = await _http.SendAsync(request);
        return new Reply((int)response.StatusCode, response.Headers, await response.Content.ReadAsStringAsync());
    }

    public async Task<LiveEvents> FollowAsync(string? last = null)
    {
        using var request = Request(HttpMethod.Get, "/helix/v1/live", null, last is null ? [] : [("Last-Event-ID", last)]);
        var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return new LiveEvents(response, new StreamReader(await response.Content.ReadAsStreamAsync()));
    }

    public void Dispose() => _http.Dispose();

    private HttpRequestMessage Request(HttpMethod method, string path, string? json, (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(method, path) { Content = json is null ? null : Json(json) };
        request.Headers.Add("Cookie", Cookie);
        if (headers.All(header => header.Name != "Sec-Fetch-Site")) request.Headers.Add("Sec-Fetch-Site", "same-origin");
        if (method != HttpMethod.Get && headers.All(header => header.Name != "Origin")) request.Headers.Add("Origin", _origin);
        if (method != HttpMethod.Get && Token is not null) request.Headers.Add("x-helix-csrf", Token);
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        return request;
    }

    private static StringContent Json(string json) => new(json, Encoding.UTF8, "application/json");

    private static HttpClient Client(Uri address) => new(new SocketsHttpHandler { UseCookies = false, UseProxy = false }) { BaseAddress = new Uri(address.GetLeftPart(UriPartial.Authority)), Timeout = TimeSpan.FromSeconds(150) };
}
