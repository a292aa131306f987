using Helix.Access;
using Helix.Core.Dashboard;

namespace Helix.Dashboard;

/// <summary><c>GET /</c> for a browser, and <c>GET /ui/…</c>: the dashboard's files.</summary>
internal sealed class PageEndpoints(PageShelf shelf)
{
    public void Map(IEndpointRouteBuilder routes) => routes.MapMethods("/ui/{**name}", ["GET", "HEAD"], FileAsync);

    /// <summary>Whoever asks for <c>/</c> wants the dashboard, and there is one.</summary>
    public bool IsWanted(HttpContext context) => shelf.HasPages && ContentWish.IsForPage(context.Request.Headers.Accept.ToString());

    public Task PageAsync(HttpContext context)
    {
        context.Response.Headers.Append("Vary", "Accept");
        return SendAsync(context, PageShelf.Index);
    }

    private Task FileAsync(HttpContext context) => SendAsync(context, context.Request.RouteValues["name"] as string ?? "");

    private async Task SendAsync(HttpContext context, string name)
    {
        var (request, response) = (context.Request, context.Response);
        foreach (var (header, value) in PageHeaders.All) response.Headers[header] = value;
        if (shelf.Find(name) is not { } file)
        {
            await ApiAnswer.RefuseAsync(context, StatusCodes.Status404NotFound, new("not_found", shelf.HasPages ? "The dashboard has no such file." : "This helix was built without the dashboard's files.", "Open the address that `helix dashboard` prints."));
            return;
        }

        var content = file.In(ContentWish.FormOf(request.Headers.AcceptEncoding.ToString()));
        response.Headers.Append("Vary", "Accept-Encoding");
        response.Headers.ETag = content.Tag;
        response.Headers.CacheControl = PageNames.CachingOf(file.Name);
        if (ContentWish.Has(request.Headers.IfNoneMatch.Count == 0 ? null : request.Headers.IfNoneMatch.ToString(), content.Tag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        response.ContentType = PageNames.TypeOf(file.Name);
        response.ContentLength = content.Bytes.Length;
        response.Headers.ContentEncoding = ContentWish.NameOf(content.Form);
        if (HttpMethods.IsGet(request.Method)) await response.Body.WriteAsync(content.Bytes, context.RequestAborted);
    }
}
