// thing.js: what a page shows of the server: asked for, kept while it is asked for again, renewed by events.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { get, query } from './api.js';
import { subscribe } from './live.js';

const APART_MS = 1000; // between two questions for the same, however many events there are
const KEPT = 40;
const kept = new Map();

function keep(path, data) {
  kept.delete(path);
  kept.set(path, data);
  if (kept.size > KEPT) kept.delete(kept.keys().next().value);
}

export function forget() {
  kept.clear();
}

// wants(event): is this thing another one now? The first at once, further ones together after a second.
function useEvents(wants, reload) {
  const last = useRef(0);
  const timer = useRef(0);
  const current = useRef(null);
  current.current = { wants, reload };
  useEffect(() => {
    const off = subscribe((event) => {
      const at = current.current;
      if (event.kind !== 'reset' && !(at.wants && at.wants(event))) return;
      if (timer.current) return;
      const wait = Math.max(0, last.current + APART_MS - Date.now());
      timer.current = setTimeout(() => {
        timer.current = 0;
        last.current = Date.now();
        current.current.reload();
      }, wait);
    });
    return () => {
      off();
      clearTimeout(timer.current);
      timer.current = 0;
    };
  }, []);
}

// {data, problem, loading, reload}. path null: nothing is asked.
export function useThing(path, wants) {
  const [state, set] = useState({ path, data: kept.get(path), problem: null, loading: true });
  const running = useRef(null);
  const load = useCallback(async () => {
    if (!path) return;
    running.current?.abort();
    const mine = new AbortController();
    running.current = mine;
    try {
      const data = await get(path, mine.signal);
      if (mine.signal.aborted) return;
      keep(path, data);
      set({ path, data, problem: null, loading: false });
    } catch (problem) {
      if (mine.signal.aborted) return;
      set((old) => ({ path, data: old.path === path ? old.data : undefined, problem, loading: false }));
    }
  }, [path]);
  useEffect(() => {
    set((old) => ({ path, data: kept.get(path) ?? (old.path === path ? old.data : undefined), problem: null, loading: true }));
    load();
    return () => running.current?.abort();
  }, [load]);
  useEvents(wants, load);
  const mine = state.path === path ? state : { data: kept.get(path), problem: null, loading: true };
  return { ...mine, reload: load };
}

// A list that grows page by page: {items, problem, loading, done, more, reload, first}.
export function useList(path, filters, limit, wants) {
  const base = `${path}${query({ ...filters, limit })}`;
  const [state, set] = useState({ base, items: [], next: null, done: false, first: null });
  const [busy, setBusy] = useState(true);
  const [problem, setProblem] = useState(null);
  const run = useRef(0);
  const load = useCallback(
    async (cursor, items) => {
      const mine = ++run.current;
      setBusy(true);
      try {
        const page = await get(cursor ? `${base}&cursor=${encodeURIComponent(cursor)}` : base);
        if (mine !== run.current) return;
        const all = items.concat(page.items);
        set({ base, items: all, next: page.next, done: !page.next, first: page });
        setProblem(null);
      } catch (found) {
        if (mine !== run.current) return;
        setProblem(found);
      }
      setBusy(false);
    },
    [base],
  );
  useEffect(() => {
    load(null, []);
    return () => {
      run.current++;
    };
  }, [load]);
  const current = state.base === base ? state : { items: [], next: null, done: false, first: null };
  const more = useCallback(() => {
    if (!busy && current.next) load(current.next, current.items);
  }, [busy, current, load]);
  // Somebody deep in a list is not thrown back to its start: it is renewed while it is one page.
  const reload = useCallback(() => {
    if (current.items.length <= limit) load(null, []);
  }, [current, load, limit]);
  useEvents(wants, reload);
  return { items: current.items, first: current.first, done: current.done, loading: busy, problem, more, reload: () => load(null, []) };
}
