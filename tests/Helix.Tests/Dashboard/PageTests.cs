using System.IO.Compression;
using System.Net;
using System.Text;
using Helix.Core.Dashboard;
using Helix.Dashboard;
using Helix.Tests.Gateway.Fakes;

namespace Helix.Tests.Dashboard;

public sealed class PageTests : IAsyncLifetime
{
    private DashboardHouse _house = null!;
    private Browser _browser = null!;

    public async ValueTask InitializeAsync()
    {
        _house = await DashboardHouse.StartAsync();
        _browser = new Browser(_house);
    }

    public ValueTask DisposeAsync()
    {
        _browser.Dispose();
        return _house.DisposeAsync();
    }

    [Fact]
    public async Task A_browser_gets_the_page_and_clients_of_Ollama_get_their_line()
    {
        using var page = await AskAsync("/", accept: "text/html,*/*;q=0.8");
        Assert.Equal((HttpStatusCode.OK, "text/html", DashboardHouse.Page), (page.StatusCode, page.Content.Headers.ContentType!.MediaType, await page.Content.ReadAsStringAsync()));
        Assert.Equal("no-cache", page.Header("Cache-Control"));

        using var line = await AskAsync("/", accept: "*/*");
        Assert.StartsWith("helix is running", await line.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var head = await _browser.SendAsync(HttpMethod.Head, "/");
        Assert.Equal((HttpStatusCode.OK, ""), (head.StatusCode, await head.Content.ReadAsStringAsync()));
        Assert.All(new[] { page, line }, response => Assert.Contains("Accept", response.Header("Vary"), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/ui/app.js")]
    [InlineData("/ui/nothing.js")]
    public async Task No_other_page_frames_it_and_nothing_but_its_own_runs(string path)
    {
        using var response = await AskAsync(path, accept: "text/html");

        foreach (var (name, value) in PageHeaders.All) Assert.Equal(value, response.Header(name));
        Assert.Contains("frame-ancestors 'none'", response.Header("Content-Security-Policy"), StringComparison.Ordinal);
        Assert.Equal("DENY", response.Header("X-Frame-Options"));
    }

    [Theory]
    [InlineData("br")]
    [InlineData("gzip")]
    [InlineData("")]
    public async Task A_file_comes_in_the_smallest_form_that_the_browser_takes(string encoding)
    {
        using var response = await AskAsync("/ui/app.js", more: request => { if (encoding.Length > 0) request.Headers.Add("Accept-Encoding", encoding); });
        var bytes = await response.Content.ReadAsByteArrayAsync();

        Assert.Equal(encoding, string.Join(',', response.Content.Headers.ContentEncoding));
        Assert.Equal("text/javascript", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal((long?)bytes.Length, response.Content.Headers.ContentLength);
        Assert.StartsWith("console.log('helix');", Unpacked(bytes, encoding), StringComparison.Ordinal);
        if (encoding.Length > 0) Assert.InRange(bytes.Length, 1, 500);
    }

    [Fact]
    public void What_gets_no_smaller_is_sent_as_it_is()
    {
        var file = new PageFile("a.txt", () => new MemoryStream([1]));

        Assert.All(Enum.GetValues<ContentForm>(), form => Assert.Equal(ContentForm.Plain, file.In(form).Form));
    }

    [Fact]
    public async Task Files_are_made_once_and_before_they_are_asked_for_where_somebody_is_about_to()
    {
        var opened = 0;
        var shelf = new PageShelf(["a.js", "b.css"], _ =>
        {
            Interlocked.Increment(ref opened);
            return new MemoryStream(new byte[1000]);
        });

        shelf.Warm();
        await Eventually.TrueAsync(() => Volatile.Read(ref opened) == 2);
        shelf.Warm();

        Assert.Equal(ContentForm.Brotli, shelf.Find("a.js")!.In(ContentForm.Brotli).Form);
        Assert.Equal(ContentForm.Brotli, shelf.Find("b.css")!.In(ContentForm.Brotli).Form);
        Assert.Equal(2, opened);
    }

    [Fact]
    public async Task What_the_browser_has_is_not_sent_again()
    {
        using var first = await AskAsync("/ui/app.js", more: request => request.Headers.Add("Accept-Encoding", "br"));
        using var plain = await AskAsync("/ui/app.js");
        Assert.NotEqual(first.Headers.ETag, plain.Headers.ETag);
        Assert.False(first.Headers.ETag!.IsWeak);

        using var again = await AskAsync("/ui/app.js", more: request =>
        {
            request.Headers.Add("Accept-Encoding", "br");
            request.Headers.IfNoneMatch.Add(first.Headers.ETag);
        });

        Assert.Equal((HttpStatusCode.NotModified, first.Headers.ETag), (again.StatusCode, again.Headers.ETag));
        Assert.Empty(await again.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task A_file_with_a_digest_in_its_name_is_kept_for_ever()
    {
        using var response = await AskAsync("/ui/assets/font-12345678.woff2");

        Assert.Equal((HttpStatusCode.OK, "font/woff2", PageNames.ForEver), (response.StatusCode, response.Content.Headers.ContentType!.MediaType, response.Header("Cache-Control")));
        Assert.Equal([1, 2, 3], await response.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [InlineData("/ui/", HttpStatusCode.NotFound)]
    [InlineData("/ui/nothing", HttpStatusCode.NotFound)]
    [InlineData("/ui/App.js", HttpStatusCode.NotFound)]
    [InlineData("/ui/app.js/", HttpStatusCode.NotFound)]
    [InlineData("/ui//app.js", HttpStatusCode.NotFound)]
    [InlineData("/ui/..%2fapp.js", HttpStatusCode.NotFound)]
    [InlineData("/ui/%2e%2e%2f%2e%2e%2fetc%2fpasswd", HttpStatusCode.NotFound)]
    [InlineData("/ui/assets/..%5cindex.html", HttpStatusCode.NotFound)]
    [InlineData("/ui/../helix/v1/keys", HttpStatusCode.Unauthorized)]
    [InlineData("/ui/%2e%2e/helix/v1/keys", HttpStatusCode.Unauthorized)]
    [InlineData("/ui/..%2fhelix/v1/keys", HttpStatusCode.NotFound)]
    public async Task No_spelling_of_a_path_leads_out_of_the_files(string path, HttpStatusCode status) => Assert.Equal(status, await _browser.StatusAsync(HttpMethod.Get, path));

    [Theory]
    [InlineData("POST")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    public async Task Files_are_read_and_nothing_else(string method) => Assert.Equal(HttpStatusCode.MethodNotAllowed, await _browser.StatusAsync(new HttpMethod(method), "/ui/app.js", "{}"));

    [Fact]
    public async Task A_page_of_another_site_may_lead_here_and_may_not_load_anything()
    {
        static Action<HttpRequestMessage> From(string mode, string destination) => request =>
        {
            request.Headers.Remove("Sec-Fetch-Site");
            request.Headers.Add("Sec-Fetch-Site", "cross-site");
            request.Headers.Add("Sec-Fetch-Mode", mode);
            request.Headers.Add("Sec-Fetch-Dest", destination);
            request.Headers.Add("Accept", "text/html");
        };

        Assert.Equal(HttpStatusCode.OK, await _browser.StatusAsync(HttpMethod.Get, "/", null, From("navigate", "document")));
        Assert.Equal(HttpStatusCode.Forbidden, await _browser.StatusAsync(HttpMethod.Get, "/", null, From("navigate", "iframe")));
        Assert.Equal(HttpStatusCode.Forbidden, await _browser.StatusAsync(HttpMethod.Get, "/ui/app.js", null, From("no-cors", "script")));
        Assert.Equal(HttpStatusCode.Forbidden, await _browser.StatusAsync(HttpMethod.Get, "/helix/v1/session", null, From("navigate", "document")));
    }

    [Fact]
    public void This_program_has_its_page_where_it_was_built_with_one()
    {
        var shelf = PageShelf.OfThisProgram();
        var built = Path.Combine(RepositoryRoot.Path, "ui", "dist", PageShelf.Index);

        Assert.Equal(File.Exists(built), shelf.HasPages);
        if (shelf.HasPages) Assert.Equal(File.ReadAllBytes(built), shelf.Find(PageShelf.Index)!.In(ContentForm.Plain).Bytes);
        Assert.Null(shelf.Find("build.json"));
    }

    [Fact]
    public async Task A_helix_without_a_page_makes_no_links_to_it()
    {
        await using var bare = await GatewayHost.StartAsync(first: app => new LinkEndpoint(new PageShelf([], _ => Stream.Null), new(TimeProvider.System), () => "").Map(app));
        using var owner = bare.Owner();
        using var response = await owner.PostAsync("/helix/v1/dashboard/link", null);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.Add("Accept", "text/html");
        using var line = await bare.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.Conflict, response.StatusCode);
        Assert.StartsWith("helix is running", await line.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private Task<HttpResponseMessage> AskAsync(string path, string? accept = null, Action<HttpRequestMessage>? more = null) => _browser.GetAsync(path, request =>
    {
        if (accept is not null) request.Headers.Add("Accept", accept);
        more?.Invoke(request);
    });

    private static string Unpacked(byte[] bytes, string encoding)
    {
        using var packed = new MemoryStream(bytes);
        using Stream plain = encoding switch { "br" => new BrotliStream(packed, CompressionMode.Decompress), "gzip" => new GZipStream(packed, CompressionMode.Decompress), _ => packed };
        using var reader = new StreamReader(plain, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
