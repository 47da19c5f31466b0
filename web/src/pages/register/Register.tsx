/** The journey of registration: sign in, see what is there, confirm or correct it, add what is missing, and a clear end. */
import { useEffect, useState } from "preact/hooks";
import type { Begun, Me } from "../../api/client";
import type { MethodName } from "../../i18n/explain";
import { useTask } from "../../hooks/useTask";
import { useSession } from "../../session";
import { BindMethod } from "./BindMethod";
import { ConfirmCode } from "./ConfirmCode";
import { Finish, isReady } from "./Finish";
import { Loading } from "./Loading";
import { MethodList } from "./MethodList";
import { RemoveMethod } from "./RemoveMethod";
import { SignIn } from "./SignIn";
import { useAsMe } from "./useAsMe";

type View =
  | { at: "list" }
  | { at: "bind"; method: MethodName; contact: string; prefilled: boolean; replaces: boolean }
  | { at: "code"; method: MethodName; contact: string; wait: number; sent: boolean; typed: boolean }
  | { at: "remove"; method: MethodName; contact: string }
  | { at: "finish" };

export function Register() {
  const { client, who, setWho } = useSession();
  const { asMe, paused } = useAsMe();
  const [me, setMe] = useState<Me | null>(null);
  const [view, setView] = useState<View>({ at: "list" });
  const [news, setNews] = useState("");
  const loading = useTask();
  const load = () => loading.run(async () => setMe(await asMe((token) => client.me(token))));

  useEffect(() => {
    if (who !== null && me === null) void load();
  }, [who]);

  const list = (fresh: Me | null, text = "") => {
    if (fresh !== null) setMe(fresh);
    setNews(text);
    setView({ at: "list" });
  };
  // Done means signed out; somebody who still lacks a method is left the way back.
  const finish = (final: Me) => {
    setView({ at: "finish" });
    if (isReady(final)) setWho(null);
  };

  if (view.at === "finish" && me !== null) return <Finish me={me} onMore={() => list(null)} onSignOut={() => setWho(null)} />;
  if (who === null) return <SignIn onSignedIn={setWho} />;

  const shown = () => {
    if (me === null) return <Loading problem={loading.problem} onRetry={() => void load()} />;
    switch (view.at) {
      case "list":
      case "finish":
        return (
          <MethodList
            me={me}
            news={news}
            onBind={(bound) => setView({ at: "bind", ...bound })}
            onCode={(method, contact) => setView({ at: "code", method, contact, wait: 0, sent: false, typed: true })}
            onRemove={(method, contact) => setView({ at: "remove", method, contact })}
            onReconfirm={async () => setMe(await asMe((token) => client.reconfirm(token)))}
            onFinish={() => finish(me)}
          />
        );
      case "bind":
        return (
          <BindMethod
            {...view}
            asMe={asMe}
            onBegun={(begun: Begun, contact, typed) =>
              setView({ at: "code", method: view.method, contact, wait: begun.wait, sent: true, typed })
            }
            onBack={() => list(null)}
          />
        );
      case "code":
        return (
          <ConfirmCode
            {...view}
            asMe={asMe}
            onConfirmed={list}
            onCorrect={() => setView({ at: "bind", method: view.method, contact: view.contact, prefilled: false, replaces: false })}
          />
        );
      case "remove":
        return <RemoveMethod {...view} asMe={asMe} onRemoved={list} onKeep={() => list(null)} />;
    }
  };

  // The view stays mounted, out of sight, while a new sign-in is asked for: what was typed is still there afterwards.
  return (
    <>
      {paused && <SignIn again identifier={who.identifier} onSignedIn={paused.resume} onCancel={paused.giveUp} />}
      <div hidden={paused !== null}>{shown()}</div>
    </>
  );
}
