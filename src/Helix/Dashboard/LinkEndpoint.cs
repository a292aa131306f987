using Helix.Access;
using Helix.Contracts;

namespace Helix.Dashboard;

/// <summary><c>POST /helix/v1/dashboard/link</c>: makes a link with which one browser signs in.</summary>
/// <param name="address">Where the dashboard is, for example <c>http://127.0.0.1:4359</c>.</param>
internal sealed class LinkEndpoint(PageShelf pages, SignInLinks links, Func<string> address)
{
    public void Map(IEndpointRouteBuilder routes) => routes.MapPost("/helix/v1/dashboard/link", MakeAsync);

    private Task MakeAsync(HttpContext context)
    {
        if (!pages.HasPages) return ApiAnswer.RefuseAsync(context, StatusCodes.Status409Conflict, new("conflict", "This helix was built without the dashboard's files.", "Build it from a clone in which ui/dist is whole."));
        // who asks for a link opens it in a moment
        pages.Warm();
        var (secret, until) = links.Make();
        // what stands behind # is never sent to a server, and so in no log of one
        return ApiAnswer.OkAsync(context, new LinkReport($"{address()}/#/sign-in/{secret}", until), SessionJson.Default.LinkReport, StatusCodes.Status201Created);
    }
}
