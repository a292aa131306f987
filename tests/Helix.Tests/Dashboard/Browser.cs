using System.Net;
using System.Net.Http.Json;
using System.Text;
using Helix.Contracts;
using Helix.Core.Access;

namespace Helix.Tests.Dashboard;

/// <summary>Keeps a cookie and a token as the dashboard's page does, and says of each request where it comes from.</summary>
internal sealed class Browser(DashboardHouse house) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseCookies = false, UseProxy = false, AllowAutoRedirect = false, AutomaticDecompression = DecompressionMethods.None }) { Timeout = Eventually.Limit };

    /// <summary>As it stands in the header; null for none.</summary>
    public string? Cookie { get; set; }

    public string? Token { get; set; }

    public SessionReport? Session { get; private set; }

    public async Task<HttpResponseMessage> UseAsync(string link)
    {
        var response = await SendAsync(HttpMethod.Post, "/helix/v1/session", $$"""{"link":"{{link}}"}""");
        if (response.StatusCode != HttpStatusCode.OK) return response;
        Cookie = response.Headers.GetValues("Set-Cookie").Single().Split(';')[0];
        var answer = (await response.Content.ReadFromJsonAsync(SessionJson.Default.SignedIn))!;
        (Token, Session) = (answer.Csrf, answer.Session);
        return response;
    }

    public async Task<HttpStatusCode> StatusAsync(HttpMethod method, string path, string? json = null, Action<HttpRequestMessage>? more = null)
    {
        using var response = await SendAsync(method, path, json, more);
        return response.StatusCode;
    }

    public Task<HttpResponseMessage> GetAsync(string path, Action<HttpRequestMessage>? more = null) => SendAsync(HttpMethod.Get, path, null, more);

    /// <param name="more">Done last: it may take back what the page would send.</param>
    public Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? json = null, Action<HttpRequestMessage>? more = null)
    {
        var request = new HttpRequestMessage(method, new Uri(house.Origin + path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        request.Headers.Add("Sec-Fetch-Site", "same-origin");
        if (Cookie is not null) request.Headers.Add("Cookie", Cookie);
        if (method != HttpMethod.Get && method != HttpMethod.Head)
        {
            request.Headers.Add("Origin", house.Origin);
            if (Token is not null) request.Headers.Add(SessionRules.TokenHeader, Token);
        }

        if (json is not null) request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        more?.Invoke(request);
        return _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    public void Dispose() => _http.Dispose();
}
