using System.Globalization;
using Helix.Bench.Measuring;
using Helix.Bench.Wire;

namespace Helix.Bench.Peers;

/// <summary>nginx in front of one engine, as its documentation has it for streams: nothing buffered, connections kept on both sides.</summary>
internal sealed class Nginx : IDisposable
{
    private readonly Child _child;

    private Nginx(Child child, Place place) => (_child, Place) = (child, place);

    public Place Place { get; }

    /// <summary>The workers: they do all the work.</summary>
    public IReadOnlyList<int> Pids => ProcFile.ChildrenOf(_child.Pid);

    public static Nginx Start(Setting setting, string engineSocket)
    {
        var port = Place.FreePort();
        var file = Path.Combine(setting.Work, "nginx.conf");
        File.WriteAllText(file, string.Create(CultureInfo.InvariantCulture, $$"""
            daemon off;
            worker_processes auto;
            pid {{setting.Work}}/nginx.id;
            error_log stderr warn;
            {{(Environment.IsPrivilegedProcess ? "user root;" : "")}}
            worker_rlimit_nofile 8192;
            events { worker_connections 4096; }
            http {
              access_log off;
              client_body_temp_path {{setting.Work}}/nginx-body;
              proxy_temp_path {{setting.Work}}/nginx-proxy;
              fastcgi_temp_path {{setting.Work}}/nginx-fastcgi;
              uwsgi_temp_path {{setting.Work}}/nginx-uwsgi;
              scgi_temp_path {{setting.Work}}/nginx-scgi;
              client_max_body_size 64m;
              client_body_buffer_size 1m;
              keepalive_requests 10000000;
              upstream engine { server unix:{{engineSocket}}; keepalive 512; keepalive_requests 10000000; }
              server {
                listen 127.0.0.1:{{port}} backlog=4096;
                location / {
                  proxy_pass http://engine;
                  proxy_http_version 1.1;
                  proxy_set_header Connection "";
                  proxy_set_header Host $host;
                  proxy_buffering off;
                  proxy_read_timeout 600s;
                }
              }
            }
            """));
        var child = Child.Start(setting.Log("nginx"), setting.Nginx, ["-c", file, "-p", setting.Work]);
        try
        {
            var place = Place.Loopback(port);
            child.WaitFor(place, "/v1/models", answer => answer.Status == 200);
            return new Nginx(child, place);
        }
        catch
        {
            child.Dispose();
            throw;
        }
    }

    public void Dispose() => _child.Dispose();
}
